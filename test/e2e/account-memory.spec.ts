import { CogneeSimulator } from '../simulators/cognee/cognee-simulator.js';
import { startRedis } from '../support/redis-server.js';
import { ServiceProcess } from '../support/service.js';
import { waitFor } from '../support/wait-for.js';

interface Health {
  readonly status: string;
  readonly details: Readonly<Record<string, { status: string; memory?: string; version?: string }>>;
}

async function healthOf(
  service: ServiceProcess,
): Promise<{ status: number; memory?: Health['details'][string] }> {
  const response = await fetch(`${service.url}/health`);
  const { details } = (await response.json()) as Health;
  return { status: response.status, memory: details.memory };
}

describe('account memory in the running service', () => {
  let redis: Awaited<ReturnType<typeof startRedis>>;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  it('is local where nothing is configured, and well', async () => {
    const service = await ServiceProcess.create({ REDIS_URL: redis.url });
    try {
      await service.start();
      expect(await healthOf(service)).toMatchObject({
        status: 200,
        memory: { status: 'up', memory: 'local' },
      });
      expect(await service.terminate()).toBe(0);
    } finally {
      await service.dispose();
    }
  });

  it('runs without Cognee, says so, and recovers without a restart', async () => {
    const cognee = await CogneeSimulator.start();
    cognee.isDown = true;
    const apiKey = cognee.newApiKey();
    const service = await ServiceProcess.create({
      REDIS_URL: redis.url,
      MEMORY: 'cognee',
      COGNEE_API_URL: `${cognee.url}/`,
      COGNEE_API_KEY: apiKey,
    });
    try {
      await service.start();
      expect(await healthOf(service)).toMatchObject({ status: 200, memory: { status: 'degraded' } });
      const metrics = await (await fetch(`${service.url}/metrics`)).text();
      expect(metrics).toContain('circuit_state{dependency="memory"} 0');
      cognee.isDown = false;
      const { memory } = await waitFor('a memory that is up', async () => {
        const health = await healthOf(service);
        return health.memory?.status === 'up' && health;
      });
      expect(memory).toMatchObject({ memory: 'cognee', version: '1.5.2' });
      expect(await service.terminate()).toBe(0);
      expect(service.output).not.toContain(apiKey);
    } finally {
      await service.dispose();
      await cognee.stop();
    }
  });

  it('refuses to start with a Cognee that has no address, by name', async () => {
    const service = await ServiceProcess.create({
      REDIS_URL: redis.url,
      MEMORY: 'cognee',
      COGNEE_PASSWORD: 'hunter2',
    });
    service.launch();
    expect(await service.ended()).toBe(78);
    for (const name of ['COGNEE_API_URL', 'COGNEE_USERNAME']) expect(service.output).toContain(name);
    expect(service.output).not.toContain('hunter2');
    await service.dispose();
  });
});
