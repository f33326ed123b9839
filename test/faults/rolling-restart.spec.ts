import { gongCall } from '../factories/gong-call.factory.js';
import { GongSigner } from '../simulators/gong/gong-signer.js';
import { type GongAnswer, GongWebhookSender } from '../simulators/gong/gong-webhook-sender.js';
import type { SnowflakeEmulator } from '../simulators/snowflake/snowflake-emulator.js';
import { answerBody } from '../support/gong-house.js';
import { startRedis, type TestRedis } from '../support/redis-server.js';
import { runMigrate } from '../support/run-migrate.js';
import { ServiceProcess } from '../support/service.js';
import {
  migratorEnvironment,
  PLACE,
  snowflakeEnvironment,
  startAccount,
} from '../support/snowflake-account.js';
import { waitFor } from '../support/wait-for.js';

const PATIENCE_MS = 90_000;
const PATH = '/webhook/gong/calls';
const SENDERS = 8;
const ROUNDS = 2;
/** The tests' idea of a public address: behind it stand several processes. */
const PUBLIC_URL = 'http://tributary.test';

/** What stands before the processes: sends to those in service only, as a load balancer does. */
class Balancer {
  readonly inService: ServiceProcess[] = [];
  private turn = 0;

  next(): GongWebhookSender {
    const service = this.inService[(this.turn += 1) % this.inService.length];
    if (service === undefined) throw new Error('nobody is in service');
    return new GongWebhookSender(service.url);
  }
}

async function statusOf(url: string): Promise<number | undefined> {
  try {
    return (await fetch(url)).status;
  } catch {
    // Nobody listens.
    return undefined;
  }
}

describe('ROLE=api and ROLE=worker, replaced one by one under load', () => {
  let redis: TestRedis;
  let emulator: SnowflakeEmulator;
  const processes: ServiceProcess[] = [];

  beforeAll(async () => {
    redis = await startRedis({ appendonly: true });
    emulator = await startAccount({ isDedupingRequests: false });
    expect((await runMigrate(migratorEnvironment(emulator))).code).toBe(0);
  }, PATIENCE_MS);
  afterAll(async () => {
    for (const service of processes) await service.dispose();
    await emulator.stop();
    await redis.stop();
  }, PATIENCE_MS);

  const start = async (role: 'api' | 'worker') => {
    const service = await ServiceProcess.create({
      ...snowflakeEnvironment(emulator),
      ROLE: role,
      REDIS_URL: redis.url,
      WAREHOUSE_FLUSH_SECONDS: '1',
      WEBHOOK_BASE_URL: PUBLIC_URL,
      GONG_WEBHOOK_PUBLIC_KEYS: GongSigner.shared().publicKeyBase64,
    });
    processes.push(service);
    await service.start();
    return service;
  };

  it(
    'answers 200 and 503 only; every acknowledged event has its row, once',
    async () => {
      const balancer = new Balancer();
      let api = await start('api');
      let worker = await start('worker');
      balancer.inService.push(api);
      const acknowledged = new Set<string>();
      const statuses = new Map<number, number>();
      let isSending = true;
      let seed = 20_000;
      const send = async () => {
        while (isSending) {
          const body = Buffer.from(JSON.stringify(gongCall({ seed: (seed += 1), trackers: [] })));
          const token = GongSigner.shared().sign({ url: `${PUBLIC_URL}${PATH}`, body });
          const answer: GongAnswer = await balancer.next().send({ path: PATH, body, token });
          statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
          if (answer.status === 200) acknowledged.add(answerBody(answer).eventIds[0] ?? '');
        }
      };
      const senders = Array.from({ length: SENDERS }, send);
      const more = async (count: number) => {
        const before = acknowledged.size;
        await waitFor('acknowledgements', () => acknowledged.size >= before + count, {
          timeoutMs: PATIENCE_MS,
        });
      };
      try {
        for (let round = 0; round < ROUNDS; round += 1) {
          await more(100);
          // Kubernetes: the new one is ready, the old one leaves the endpoints, and only then is it told to stop.
          const nextApi = await start('api');
          balancer.inService.push(nextApi);
          balancer.inService.splice(balancer.inService.indexOf(api), 1);
          // What was on its way to it arrives meanwhile; the manifests wait ten seconds for that.
          await more(SENDERS);
          expect(await api.terminate()).toBe(0);
          api = nextApi;
          await more(100);
          const nextWorker = await start('worker');
          expect(await worker.terminate()).toBe(0);
          worker = nextWorker;
        }
        await more(100);
      } finally {
        isSending = false;
      }
      const outcomes = await Promise.allSettled(senders);
      expect(outcomes.filter(({ status }) => status === 'rejected')).toEqual([]);
      expect([...statuses.keys()].filter((status) => status !== 200 && status !== 503)).toEqual([]);
      const idsIn = async (table: string, key: string) =>
        (await emulator.peek(PLACE, `SELECT ${key} AS ID FROM ${table}`)).map(({ ID }) => String(ID));
      await waitFor(
        'the rows',
        async () => (await idsIn('GONG_CALLS_ENHANCED', 'CALL_ID')).length >= acknowledged.size,
        { timeoutMs: PATIENCE_MS, intervalMs: 500 },
      );
      const raw = await idsIn('GONG_WEBHOOKS_RAW', 'EVENT_ID');
      const enhanced = await idsIn('GONG_CALLS_ENHANCED', 'CALL_ID');
      expect([raw.length, enhanced.length]).toEqual([new Set(raw).size, new Set(enhanced).size]);
      const stored = new Set(raw);
      expect([...acknowledged].filter((id) => !stored.has(id))).toEqual([]);
      expect(acknowledged.size).toBe(raw.length);
      if (process.env.SHOW_FIGURES) {
        console.log({
          apiBytes: api.residentBytes,
          answers: [...statuses],
          workerBytes: worker.residentBytes,
        });
      }
    },
    4 * PATIENCE_MS,
  );

  it.each(['api', 'worker'] as const)('ROLE=%s answers its probes and shows its metrics', async (role) => {
    const service = await start(role);
    for (const path of ['/health/live', '/health/ready', '/health', '/metrics']) {
      expect([path, await statusOf(`${service.url}${path}`)]).toEqual([path, 200]);
    }
    const posted = await fetch(`${service.url}${PATH}`, { method: 'POST', body: '{}' });
    expect(posted.status).toBe(role === 'worker' ? 404 : 415);
    expect(await service.terminate()).toBe(0);
  });
});
