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
const ROUNDS = 2;
const EVENTS_PER_SECOND = 200;
const TICK_MS = 25;
/** How often the balancer asks; a process says for longer than this that it is leaving. */
const BALANCER_ASKS_MS = 250;
const SHUTDOWN_DELAY_SECONDS = 2;
/** The tests' idea of a public address: behind it stand several processes. */
const PUBLIC_URL = 'http://tributary.test';

/** What stands before the processes, and knows of them what `/health/ready` says. */
class Balancer {
  private readonly known = new Map<ServiceProcess, GongWebhookSender>();
  private inService: GongWebhookSender[] = [];
  private turn = 0;
  private readonly asking = setInterval(() => void this.ask(), BALANCER_ASKS_MS);

  async add(service: ServiceProcess): Promise<void> {
    this.known.set(service, new GongWebhookSender(service.url));
    await this.ask();
  }

  next(): GongWebhookSender {
    const sender = this.inService[(this.turn += 1) % this.inService.length];
    if (sender === undefined) throw new Error('nobody is in service');
    return sender;
  }

  close(): void {
    clearInterval(this.asking);
  }

  private async ask(): Promise<void> {
    const states = await Promise.all(
      [...this.known].map(async ([service, sender]) => {
        return { sender, isReady: (await statusOf(`${service.url}/health/ready`)) === 200 };
      }),
    );
    this.inService = states.filter(({ isReady }) => isReady).map(({ sender }) => sender);
  }
}

/** Posts so many calls a second, however long the answers take. */
class Traffic {
  readonly acknowledged = new Set<string>();
  readonly statuses = new Map<number, number>();
  readonly failures: string[] = [];
  private readonly startedAt = performance.now();
  private readonly pending = new Set<Promise<void>>();
  private readonly ticking = setInterval(() => this.tick(), TICK_MS);
  private sent = 0;

  constructor(private readonly balancer: Balancer) {}

  async stop(): Promise<void> {
    clearInterval(this.ticking);
    await Promise.all(this.pending);
  }

  get perSecond(): number {
    return (this.sent * 1000) / (performance.now() - this.startedAt);
  }

  private tick(): void {
    const due = ((performance.now() - this.startedAt) * EVENTS_PER_SECOND) / 1000;
    for (; this.sent < due; this.sent += 1) {
      const answered = this.post(20_000 + this.sent).catch((error: Error) => {
        this.failures.push(`${error.message}: ${String(error.cause)}`);
      });
      this.pending.add(answered);
      void answered.then(() => this.pending.delete(answered));
    }
  }

  private async post(seed: number): Promise<void> {
    const body = Buffer.from(JSON.stringify(gongCall({ seed, trackers: [] })));
    const token = GongSigner.shared().sign({ url: `${PUBLIC_URL}${PATH}`, body });
    const answer: GongAnswer = await this.balancer.next().send({ path: PATH, body, token });
    this.statuses.set(answer.status, (this.statuses.get(answer.status) ?? 0) + 1);
    if (answer.status === 200) this.acknowledged.add(answerBody(answer).eventIds[0] ?? '');
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
      SHUTDOWN_DELAY_SECONDS: String(SHUTDOWN_DELAY_SECONDS),
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
      await balancer.add(api);
      const traffic = new Traffic(balancer);
      const { acknowledged, statuses, failures } = traffic;
      const more = async (count: number) => {
        const before = acknowledged.size;
        await waitFor('acknowledgements', () => acknowledged.size >= before + count, {
          timeoutMs: PATIENCE_MS,
        });
      };
      try {
        for (let round = 0; round < ROUNDS; round += 1) {
          await more(200);
          const nextApi = await start('api');
          await balancer.add(nextApi);
          expect(await api.terminate()).toBe(0);
          api = nextApi;
          await more(200);
          const nextWorker = await start('worker');
          expect(await worker.terminate()).toBe(0);
          worker = nextWorker;
        }
        await more(200);
      } finally {
        await traffic.stop();
        balancer.close();
      }
      expect(failures).toEqual([]);
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
          sentPerSecond: traffic.perSecond,
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
