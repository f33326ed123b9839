import { Redis } from 'ioredis';
import { RedisLock } from '../../../src/memory/cognee/redis-lock.js';
import { startRedis } from '../../support/redis-server.js';
import { waitFor } from '../../support/wait-for.js';
import { CogneeProcess } from './cognee-process.js';

const KEY = '{tributary}:memory:cognee:dataset-1:lock:account-1';

describe(RedisLock.name, () => {
  let server: Awaited<ReturnType<typeof startRedis>>;
  let redis: Redis;
  let process: CogneeProcess;
  beforeAll(async () => {
    server = await startRedis();
    redis = new Redis(server.url);
    // Nobody listens there: nothing of this is about Cognee.
    process = new CogneeProcess(redis, { baseUrl: 'http://127.0.0.1:1', lockMs: 400 });
  });
  afterAll(async () => {
    await process.http.onApplicationShutdown();
    redis.disconnect();
    await server.stop();
  });
  beforeEach(() => redis.flushdb());

  it('is held by one at a time, and free afterwards, also after a failure', async () => {
    const inner = await process.lock.holding(KEY, 0, () => process.lock.holding(KEY, 0, async () => 'both'));
    expect(inner).toBeUndefined();
    const failing = process.lock.holding(KEY, 0, () => Promise.reject(new Error('the work failed')));
    await expect(failing).rejects.toThrow('the work failed');
    expect(await process.lock.holding(KEY, 0, async () => 'free')).toBe('free');
  });

  it('is waited for, and succeeds a holder that died', async () => {
    await redis.set(KEY, 'of-a-dead-process', 'PX', 200);
    expect(await process.lock.holding(KEY, 20_000, async () => 'mine')).toBe('mine');
  });

  it('is renewed while the work goes on', async () => {
    await process.lock.holding(KEY, 0, async () => {
      let least = Number.POSITIVE_INFINITY;
      await waitFor('the lock to be renewed', async () => {
        const left = await redis.pttl(KEY);
        least = Math.min(least, left);
        return left > least;
      });
    });
    expect(await redis.exists(KEY)).toBe(0);
  });

  it('once lost lets its old holder write nothing, and is not released by it', async () => {
    const work = process.state.holding('dataset-1', 'account-1', async (held) => {
      await redis.set(KEY, 'of-a-successor');
      const account = { dataId: 'd', fingerprint: 'f', accountName: 'n', change: 1 };
      await held.write({ account, unfinished: { uploads: [], surplus: [] } }, true);
    });
    await expect(work).rejects.toMatchObject({ code: 'MEMORY.BUSY', retry: { afterMs: 1_000 } });
    expect(await redis.get(KEY)).toBe('of-a-successor');
    expect(await process.state.accounts('dataset-1', ['account-1'])).toEqual([null]);
    expect(await process.state.graphNeed('dataset-1')).toMatchObject({ changes: 0 });
  });
});
