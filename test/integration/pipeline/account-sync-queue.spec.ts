import { type Job, Queue, Worker } from 'bullmq';
import { loadConfig } from '../../../src/config/load-config.js';
import type { AccountSyncJob } from '../../../src/contracts/jobs.js';
import { KEY_PREFIX } from '../../../src/contracts/queues.js';
import { AccountSyncQueue } from '../../../src/pipeline/account-sync.queue.js';
import { AccountSyncState } from '../../../src/pipeline/account-sync.state.js';
import { putAside } from '../../../src/redis/retry-policy.js';
import { RedisConnections } from '../../../src/redis/redis-connections.js';
import { redisAddress } from '../../../src/redis/redis-options.js';
import { startRedis, type TestRedis } from '../../support/redis-server.js';
import { waitFor } from '../../support/wait-for.js';

const ACCOUNT = '6890123000000451007';

describe('requests for the sync of an account', () => {
  let server: TestRedis;
  let connections: RedisConnections;
  let state: AccountSyncState;
  let handle: Queue<AccountSyncJob>;
  let queue: AccountSyncQueue;
  let events = 0;

  beforeAll(async () => {
    server = await startRedis();
    const config = loadConfig({ REDIS_URL: server.url });
    connections = new RedisConnections(redisAddress(config));
    await connections.connect();
    state = new AccountSyncState(connections.client);
    handle = new Queue('account-sync', { connection: connections.producers, prefix: KEY_PREFIX });
    queue = new AccountSyncQueue(handle, state, config);
  });
  afterAll(async () => {
    await handle.close();
    await connections.close();
    await server.stop();
  });
  beforeEach(() => connections.client.flushall());

  const request = () => {
    events += 1;
    const receivedAt = new Date().toISOString();
    return queue.request(ACCOUNT, {
      eventId: `e${events}`,
      correlationId: 'c',
      force: false,
      vendor: 'zoho' as const,
      kind: 'record' as const,
      receivedAt,
    });
  };

  /** Runs jobs by the given steps, one for each time a job is taken; then ends them. */
  function work(steps: readonly ((job: Job<AccountSyncJob>, token?: string) => Promise<unknown>)[]) {
    let taken = 0;
    const worker = new Worker<AccountSyncJob>(
      'account-sync',
      async (job, token) => {
        const step = steps[taken];
        taken += 1;
        await step?.(job, token);
      },
      { connection: connections.workers, prefix: KEY_PREFIX },
    );
    return { worker, taken: () => taken };
  }

  const isIdle = async () => {
    const { client } = connections;
    const counts = await Promise.all([
      client.llen(`${KEY_PREFIX}:account-sync:wait`),
      client.llen(`${KEY_PREFIX}:account-sync:active`),
      client.zcard(`${KEY_PREFIX}:account-sync:delayed`),
    ]);
    return counts.every((count) => count === 0);
  };

  it('become one job while none has begun, with all their causes', async () => {
    await Promise.all(Array.from({ length: 20 }, request));
    expect(await state.causes(ACCOUNT)).toHaveLength(20);
    const { worker, taken } = work([]);
    await waitFor('the work to be done', async () => taken() > 0 && (await isIdle()));
    await worker.close();
    expect(taken()).toBe(1);
  });

  it('that come while it runs cause exactly one more', async () => {
    await request();
    const { worker, taken } = work([() => Promise.all(Array.from({ length: 10 }, request))]);
    await waitFor('the work to be done', async () => taken() >= 2 && (await isIdle()));
    await worker.close();
    expect(taken()).toBe(2);
  });

  it('that come while it runs and while it is put aside cause exactly one more', async () => {
    await request();
    const { worker, taken } = work([
      async (job, token) => {
        await request();
        await putAside(job, 300, token);
      },
      request,
    ]);
    await waitFor('the job to be put aside', () => taken() === 1);
    await request();
    await waitFor('the work to be done', async () => taken() >= 3 && (await isIdle()));
    await worker.close();
    expect(taken()).toBe(3);
  });

  it('are to be asked again where Redis does not take them', async () => {
    await connections.client.config('SET', 'maxmemory', '1');
    try {
      await expect(request()).rejects.toMatchObject({
        code: 'SYNC.NOT_QUEUED',
        retry: { afterMs: expect.any(Number) },
      });
    } finally {
      await connections.client.config('SET', 'maxmemory', '0');
    }
    await request();
    expect(await state.causes(ACCOUNT)).toHaveLength(1);
  });
});
