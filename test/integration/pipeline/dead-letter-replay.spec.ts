import { Queue, Worker } from 'bullmq';
import { startRedis } from '../../support/redis-server.js';
import { waitFor } from '../../support/wait-for.js';

/**
 * What the dead-letter desk rests on. Re-adding a failed job under its own id and then removing the failed
 * entry loses it: the add does nothing while the entry exists. `job.retry` is the way, with a fresh budget
 * of attempts.
 */
describe('a failed job', () => {
  let server: Awaited<ReturnType<typeof startRedis>>;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());

  it('runs again by retry, with all its attempts, and is not lost', async () => {
    const connection = { url: server.url, maxRetriesPerRequest: null };
    const queue = new Queue('replay', { connection });
    let isBroken = true;
    let runs = 0;
    const work = () => {
      runs += 1;
      return isBroken ? Promise.reject(new Error('broken')) : Promise.resolve();
    };
    const worker = new Worker('replay', work, { connection });
    try {
      const job = await queue.add('event', { value: 1 }, { jobId: 'event-1', attempts: 2 });
      await waitFor('the job to fail', async () => (await queue.getFailedCount()) === 1);
      expect(runs).toBe(2);
      await job.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true });
      await waitFor(
        'the job to fail with a fresh budget',
        async () => runs === 4 && (await queue.getFailedCount()) === 1,
      );
      isBroken = false;
      await job.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true });
      await waitFor('the job to complete', async () => (await queue.getCompletedCount()) === 1);
      expect(await queue.getFailedCount()).toBe(0);
    } finally {
      await worker.close();
      await queue.close();
    }
  });
});
