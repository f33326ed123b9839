import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { loadConfig } from '../../../src/config/load-config.js';
import type { GongApiError } from '../../../src/gong/api/gong-api.errors.js';
import { GongQuotaGate } from '../../../src/gong/api/gong-quota.gate.js';
import { startRedis } from '../../support/redis-server.js';
import { waitFor } from '../../support/wait-for.js';

const BUDGET_KEY = '{tributary}:gong:budget';
const RECENT_KEY = '{tributary}:gong:gate:recent';
const HOUR_MS = 3_600_000;
const ROOT = join(__dirname, '../../..');

describe(GongQuotaGate.name, () => {
  let server: Awaited<ReturnType<typeof startRedis>>;
  let redis: Redis;
  const clients: Redis[] = [];

  beforeAll(async () => {
    server = await startRedis();
    redis = new Redis(server.url);
  });
  afterAll(async () => {
    for (const client of [redis, ...clients]) client.disconnect();
    await server.stop();
  });
  beforeEach(() => redis.flushdb());

  function gateWith(environment: Record<string, string> = {}): GongQuotaGate {
    const client = new Redis(server.url);
    clients.push(client);
    return new GongQuotaGate(client, loadConfig(environment));
  }

  /** The times at which tokens were given while something went on, by Redis's clock: every write of the script. */
  async function grantTimes(whatGoesOn: () => Promise<unknown>): Promise<number[]> {
    const monitor = await redis.monitor();
    const times: number[] = [];
    monitor.on('monitor', (_time: string, [command, key, value]: string[]) => {
      if (command === 'LPUSH' && key === RECENT_KEY) times.push(Number(value));
    });
    try {
      await whatGoesOn();
      const last = await redis.lindex(RECENT_KEY, 0);
      await waitFor('the last token', () => times.includes(Number(last)));
    } finally {
      monitor.disconnect();
    }
    return times;
  }

  function mostInOneSecond(times: readonly number[]): number {
    return Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + 1_000).length));
  }

  it('gives evenly spaced tokens to many at once in several processes, never four in a second', async () => {
    const gates = [gateWith(), gateWith(), gateWith()];
    const nine = gates.flatMap((gate) => [gate, gate, gate]);
    const times = await grantTimes(() => Promise.all(nine.map((gate) => gate.take('live', 30_000))));
    expect(times).toHaveLength(9);
    expect(mostInOneSecond(times)).toBeLessThanOrEqual(3);
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(400);
  });

  it('holds between real processes', async () => {
    const execArgv = ['-r', join(ROOT, 'config/tooling/register-ts.cjs')];
    const run = async () => {
      const child = fork(join(ROOT, 'test/support/take-gong-tokens.ts'), [server.url, '4'], { execArgv });
      const [exitCode] = (await once(child, 'exit')) as [number | null];
      expect(exitCode).toBe(0);
    };
    const times = await grantTimes(() => Promise.all([run(), run()]));
    expect(times).toHaveLength(8);
    expect(mostInOneSecond(times)).toBeLessThanOrEqual(3);
  });

  it('never gives more than the rate and the window allow, whenever requests arrive', async () => {
    const arrival = fc.array(fc.integer({ min: 0, max: 1_500 }), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(arrival, fc.integer({ min: 1, max: 5 }), async (delays, burst) => {
        await redis.flushdb();
        const environment = { GONG_RATE_BURST: String(burst) };
        const gates = [gateWith(environment), gateWith(environment)];
        const taking = () =>
          Promise.all(
            delays.map(async (delayMs, index) => {
              await sleep(delayMs);
              await gates[index % 2]?.take('live', 30_000);
            }),
          );
        const times = await grantTimes(taking);
        expect(times).toHaveLength(delays.length);
        expect(mostInOneSecond(times)).toBeLessThanOrEqual(3);
        for (const [index, time] of times.entries()) {
          const before = times[index - burst];
          // As many as the burst at once, and from then on one for each 400 ms.
          if (before !== undefined) expect(time - before).toBeGreaterThanOrEqual(400);
        }
      }),
      { numRuns: 5 },
    );
  });

  it('lets a burst through where one is configured, and still no fourth in its second', async () => {
    const gate = gateWith({ GONG_RATE_BURST: '5' });
    const startedAt = performance.now();
    await Promise.all([1, 2, 3].map(() => gate.take('live', 0)));
    await expect(gate.take('live', 0)).rejects.toMatchObject({ code: 'GONG.RATE_LIMITED' });
    await gate.take('live', 5_000);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(1_000);
  });

  it('refuses to let anybody wait longer than their patience, and says when to come back', async () => {
    const gate = gateWith({ GONG_RATE_PER_SECOND: '0.05' });
    await gate.take('live', 0);
    await expect(gate.take('live', 5_000)).rejects.toMatchObject({
      code: 'GONG.RATE_LIMITED',
      retry: { afterMs: expect.closeTo(20_000, -4) as number },
    });
  });

  it('spends no more than the budget of the last 24 hours, and keeps a tenth for reconciliation', async () => {
    const environment = { GONG_DAILY_BUDGET: '10', GONG_RATE_PER_SECOND: '100', GONG_RATE_BURST: '100' };
    const gate = gateWith(environment);
    for (let taken = 0; taken < 9; taken++) await gate.take('live', 5_000);
    await expect(gate.take('live', 5_000)).rejects.toMatchObject({ code: 'GONG.RATE_LIMITED' });
    expect(await gate.state()).toMatchObject({ budgetLeft: 1, reconciliationLeft: 1, pausedMs: 0 });
    await gate.take('reconciliation', 5_000);
    await expect(gate.take('reconciliation', 5_000)).rejects.toMatchObject({ message: /budget/ });
  });

  it('gives reconciliation no more than its tenth: nine tenths are for what somebody waits for', async () => {
    const environment = { GONG_DAILY_BUDGET: '20', GONG_RATE_PER_SECOND: '100', GONG_RATE_BURST: '100' };
    const gate = gateWith(environment);
    await gate.take('reconciliation', 5_000);
    expect(await gate.state()).toMatchObject({
      budgetLeft: 19,
      reconciliationLeft: 1,
      reconciliationShare: 2,
    });
    await gate.take('reconciliation', 5_000);
    await expect(gate.take('reconciliation', 5_000)).rejects.toMatchObject({
      code: 'GONG.RATE_LIMITED',
      message: /reconciliation's part/,
      retry: { afterMs: expect.closeTo(24.5 * HOUR_MS, -7) as number },
    });
    for (let taken = 0; taken < 18; taken++) await gate.take('live', 5_000);
    await expect(gate.take('live', 5_000)).rejects.toMatchObject({ message: /budget/ });
  });

  it('gives the next token to what somebody waits for, however many of a backfill wait in all processes', async () => {
    const [one, other] = [gateWith(), gateWith()];
    const granted: string[] = [];
    const take = async (gate: GongQuotaGate, purpose: 'live' | 'reconciliation') => {
      await gate.take(purpose, 30_000);
      granted.push(purpose);
    };
    await one.take('live', 0);
    const backfill = [one, other, one, other, one].map((gate) => take(gate, 'reconciliation'));
    await waitFor('a backfill that waits for its second token', () => granted.length === 1);
    await Promise.all([take(one, 'live'), take(other, 'live')]);
    expect(granted).toEqual(['reconciliation', 'live', 'live']);
    await Promise.all(backfill);
    expect(granted.slice(3)).toEqual(Array(4).fill('reconciliation'));
  });

  it('forgets what was spent more than 24 hours ago, and says when that will be', async () => {
    const nowHour = Math.floor(Date.now() / HOUR_MS);
    const gate = gateWith({ GONG_DAILY_BUDGET: '5' });
    await redis.hset(BUDGET_KEY, `${nowHour - 26}:live`, 5);
    expect((await gate.state()).budgetLeft).toBe(5);
    await redis.hset(BUDGET_KEY, `${nowHour - 20}:live`, 5);
    const refused = (await gate.take('live', 5_000).catch((error: unknown) => error)) as GongApiError;
    const { afterMs } = refused.retry as { afterMs: number };
    expect(afterMs).toBeGreaterThan(4 * HOUR_MS);
    expect(afterMs).toBeLessThanOrEqual(5 * HOUR_MS);
    expect(await redis.hkeys(BUDGET_KEY)).toEqual([`${nowHour - 20}:live`]);
  });

  it('pauses everybody, for hours if it must, and a shorter pause does not end a longer one', async () => {
    const [one, other] = [gateWith(), gateWith()];
    await one.pause(2 * HOUR_MS);
    await other.pause(1_000);
    await expect(other.take('live', 5_000)).rejects.toMatchObject({
      code: 'GONG.RATE_LIMITED',
      retry: { afterMs: expect.closeTo(2 * HOUR_MS, -4) as number },
    });
    expect((await gateWith().state()).pausedMs).toBeGreaterThan(HOUR_MS);
  });

  it('says of a Redis that is away that it cannot ask, without using up an attempt', async () => {
    const away = new Redis({
      port: 1,
      enableOfflineQueue: false,
      lazyConnect: true,
      retryStrategy: () => null,
    });
    away.on('error', () => undefined);
    const gate = new GongQuotaGate(away, loadConfig({}));
    await expect(gate.take('live', 0)).rejects.toMatchObject({
      code: 'GONG.UNAVAILABLE',
      retry: { afterMs: 2_000 },
    });
  });
});
