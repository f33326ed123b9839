import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GongSigner } from '../simulators/gong/gong-signer.js';
import { GongHouse } from '../support/gong-house.js';
import { ServiceProcess } from '../support/service.js';
import { waitFor } from '../support/wait-for.js';
import { rowCounts } from '../support/warehouse-file.js';

describe('the process', () => {
  it('ends with all problems of its configuration, by name, and starts nothing', async () => {
    const service = await ServiceProcess.create({
      PORT: 'secret-port',
      LOG_LEVEL: 'secret-level',
      REDIS_URL: 'secret-url',
    });
    service.launch();
    expect(await service.ended()).toBe(78);
    for (const name of ['PORT', 'LOG_LEVEL', 'REDIS_URL']) expect(service.output).toContain(name);
    expect(service.output).not.toContain('secret');
    await service.dispose();
  });

  it('says in one line that Redis cannot be reached', async () => {
    const service = await ServiceProcess.create({ REDIS_URL: 'redis://127.0.0.1:1' });
    service.launch();
    expect(await service.ended()).toBe(1);
    expect(service.output).toMatch(/^Redis cannot be reached: /);
    await service.dispose();
  });

  it('answers its probes, its health and its metrics', async () => {
    const house = await GongHouse.open();
    try {
      for (const path of ['/health', '/health/live', '/health/ready']) {
        expect((await fetch(`${house.service.url}${path}`)).status).toBe(200);
      }
      const health = (await (await fetch(`${house.service.url}/health`)).json()) as {
        details: Record<string, { status: string }>;
      };
      expect(
        Object.entries(health.details)
          .map(([name, { status }]) => `${name} ${status}`)
          .sort(),
      ).toEqual(['memory up', 'queues up', 'redis up', 'warehouse up']);
      const metrics = await (await fetch(`${house.service.url}/metrics`)).text();
      for (const name of [
        'webhook_requests_total',
        'queue_depth',
        'outbox_rows',
        'nodejs_eventloop_lag_seconds',
      ]) {
        expect(metrics).toContain(`# TYPE ${name} `);
      }
    } finally {
      await house.close();
    }
  });

  it('drains on SIGTERM: everything acknowledged is a row, and the exit code is 0', async () => {
    const house = await GongHouse.open({ WAREHOUSE_FLUSH_SECONDS: '60' });
    try {
      const answers = await Promise.all(
        Array.from({ length: 40 }, (_item, index) => house.postCall({ seed: 100 + index })),
      );
      expect(answers.every(({ status }) => status === 200)).toBe(true);
      await waitFor(
        'all to be processed',
        async () => (await house.metric('queue_depth{queue="events",state="waiting"}')) === 0,
      );
      expect(await house.service.terminate()).toBe(0);
      expect(
        await rowCounts(house.service.warehousePath, ['GONG_WEBHOOKS_RAW', 'GONG_CALLS_ENHANCED']),
      ).toEqual({
        GONG_WEBHOOKS_RAW: 40,
        GONG_CALLS_ENHANCED: 40,
      });
    } finally {
      await house.close();
    }
  });

  it('runs with nothing configured but a key: Redis and warehouse embedded, and both end with it', async () => {
    const service = await ServiceProcess.create({
      GONG_WEBHOOK_PUBLIC_KEYS: GongSigner.shared().publicKeyBase64,
    });
    try {
      await service.start();
      const { pid } = JSON.parse(readFileSync(join(service.dataDir, 'redis/embedded.json'), 'utf8')) as {
        pid: number;
      };
      expect(process.kill(pid, 0)).toBe(true);
      await waitFor('the log to say what runs embedded', () => service.output.includes('redis.embedded'));
      expect(await service.terminate()).toBe(0);
      expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    } finally {
      await service.dispose();
    }
  });
});
