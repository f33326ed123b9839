import { Redis } from 'ioredis';
import { gongCall } from '../factories/gong-call.factory.js';
import { GongApiSimulator } from '../simulators/gong/gong-api.simulator.js';
import { GongGrants } from '../support/gong-grants.js';
import { PLACE, snowflakeEnvironment } from '../support/snowflake-account.js';
import { ServiceProcess } from '../support/service.js';
import { SnowflakeHouse } from '../support/snowflake-house.js';
import { subscribe } from '../support/subscriber.js';
import { waitFor } from '../support/wait-for.js';

const CALLS = 500;
const PATIENCE_MS = 120_000;

describe(`${CALLS} Gong calls at once, for a front door and two workers at the true limits`, () => {
  let gong: GongApiSimulator;
  let snowflake: SnowflakeHouse;
  let grants: GongGrants;
  let redis: Redis;
  const workers: ServiceProcess[] = [];

  beforeAll(async () => {
    gong = await GongApiSimulator.start();
    snowflake = await SnowflakeHouse.create({ ROLE: 'api', ...gong.environment });
    await snowflake.house.service.start();
    redis = new Redis(snowflake.house.redis.url);
    grants = await GongGrants.watch(snowflake.house.redis.url);
    for (let index = 0; index < 2; index += 1) {
      const worker = await ServiceProcess.create({
        ...snowflakeEnvironment(snowflake.emulator),
        ...gong.environment,
        REDIS_URL: snowflake.house.redis.url,
        ROLE: 'worker',
        WAREHOUSE_FLUSH_SECONDS: '1',
      });
      workers.push(worker);
      await worker.start();
    }
  }, PATIENCE_MS);
  afterAll(async () => {
    await Promise.all(workers.map((worker) => worker.dispose()));
    redis.disconnect();
    grants.close();
    await snowflake.close();
    await gong.close();
  }, PATIENCE_MS);

  const bySql = async (sql: string) => {
    const [row] = await snowflake.emulator.peek(PLACE, sql);
    return row?.N;
  };

  /** A front door on a machine that is too busy answers 503; whoever sends keeps the call and sends it again. */
  const posted = (body: string) =>
    waitFor('an answer', async () => (await snowflake.house.post(body)).status === 200, {
      timeoutMs: PATIENCE_MS,
      intervalMs: 500,
    });

  /** Why jobs have failed for good. */
  async function deadLetters(): Promise<(string | null)[]> {
    const ids = await redis.zrange('{tributary}:enrichment:failed', '0', '-1');
    return Promise.all(ids.map((id) => redis.hget(`{tributary}:enrichment:${id}`, 'failedReason')));
  }

  /** Of each worker's own metrics, how many requests it has sent. */
  const requestsOf = async ({ url }: ServiceProcess) => {
    const text = await (await fetch(`${url}/metrics`)).text();
    return [...text.matchAll(/^gong_api_calls_total\{.*\} (\d+)$/gm)].reduce(
      (sum, [, count]) => sum + Number(count),
      0,
    );
  };

  it(
    'are all whole, both workers asking, never four in a second, and none a dead letter',
    async () => {
      const { house } = snowflake;
      const agent = await subscribe(house.redis.url);
      const calls = Array.from({ length: CALLS }, (_, index) => gongCall({ seed: 10_000 + index }));
      for (const call of calls) gong.addCall(call);
      const startedAt = Date.now();
      await Promise.all(calls.map((call) => posted(JSON.stringify(call))));
      const heard = () => {
        const messages = agent.received.filter(({ channel }) => channel === 'sophia:gong:calls');
        return new Set(messages.map(({ message }) => (message.subject as { id: string }).id)).size;
      };
      await waitFor(
        'a message for each call',
        async () => {
          expect(await deadLetters()).toEqual([]);
          return heard() === CALLS;
        },
        { timeoutMs: PATIENCE_MS },
      );
      const seconds = (Date.now() - startedAt) / 1000;
      agent.close();
      const full = "SELECT COUNT(*)::INTEGER AS N FROM GONG_CALLS_ENHANCED WHERE ENRICHMENT_STATUS = 'full'";
      await waitFor('the rows', async () => (await bySql(full)) === CALLS, { timeoutMs: PATIENCE_MS });
      expect(await grants.mostInOneSecond()).toBeLessThanOrEqual(3);
      expect(await grants.unearned(gong.requests.map(({ at }) => at))).toBe(0);
      const shares = await Promise.all(workers.map(requestsOf));
      expect(Math.min(...shares)).toBeGreaterThan(0);
      expect(shares.reduce((sum, share) => sum + share, 0)).toBe(gong.requests.length);
      console.info(
        `${CALLS} calls, two workers: ${seconds.toFixed(1)} s, ${gong.requests.length} requests ` +
          `(${shares.join(' + ')}), at most ${await grants.mostInOneSecond()} tokens and ${gong.mostPerSecond()} arrivals in a second`,
      );
    },
    4 * PATIENCE_MS,
  );
});
