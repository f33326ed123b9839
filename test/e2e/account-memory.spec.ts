import { SimulatedVendors } from '../demo/simulated-vendors.js';
import { CogneeSimulator } from '../simulators/cognee/cognee-simulator.js';
import { ACCOUNTS } from '../simulators/gong/working-day.js';
import { AdminDesk, DESK_TOKENS } from '../support/admin-desk.js';
import { GongHouse } from '../support/gong-house.js';
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

  /** @returns the accounts of the answers, the best first, once every account of the demo's CRM is remembered. */
  async function unhappyAboutOnboarding(memory: 'local' | 'cognee'): Promise<unknown[]> {
    const vendors = await SimulatedVendors.start();
    const house = await GongHouse.open({ ...DESK_TOKENS, ...vendors.environment, MEMORY: memory });
    try {
      await vendors.fillCrm(house.service.url);
      const desk = new AdminDesk(house.service.url);
      const names = async (question: string) => {
        const { body } = await desk.get(`/recall?q=${encodeURIComponent(question)}&limit=20`);
        return [...new Set((body.items ?? []).map(({ accountName }) => accountName))];
      };
      const isWhole = async () => (await names('Northwind renewal Negotiation')).length === ACCOUNTS.length;
      await waitFor('every account to be recalled', isWhole, { timeoutMs: 60_000 });
      return await names('who is unhappy about onboarding?');
    } finally {
      await house.close();
      await vendors.stop();
    }
  }

  it("answers who is unhappy about onboarding in the demo's CRM, local and with Cognee", async () => {
    // By their notes: 'Frustrated with the onboarding'. Cognee goes on with what is less near.
    const right = [ACCOUNTS[0]?.name, ACCOUNTS[4]?.name].sort();
    const [local, cognee] = await Promise.all([
      unhappyAboutOnboarding('local'),
      unhappyAboutOnboarding('cognee'),
    ]);
    expect(local.sort()).toEqual(right);
    expect(cognee.slice(0, 2).sort()).toEqual(right);
  }, 120_000);

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
