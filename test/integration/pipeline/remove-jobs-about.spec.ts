import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import type { CrmTaskJob, InsightReviewJob } from '../../../src/contracts/jobs.js';
import { KEY_PREFIX } from '../../../src/contracts/queues.js';
import { CrmTaskEraser } from '../../../src/pipeline/crm-task.eraser.js';
import { ReviewEraser } from '../../../src/pipeline/review.eraser.js';
import { QueueJobs } from '../../../src/redis/queue-jobs.js';
import { personToErase } from '../../support/person-to-erase.js';
import { startRedis, type TestRedis } from '../../support/redis-server.js';
import { waitFor } from '../../support/wait-for.js';

const ANA = 'ana@corp.example';

describe('jobs that follow an event, when a person is forgotten', () => {
  let server: TestRedis;
  let redis: Redis;
  let queue: Queue<CrmTaskJob>;
  let eraser: CrmTaskEraser;

  beforeAll(async () => {
    server = await startRedis();
    redis = new Redis(server.url);
    queue = new Queue('crm-tasks', { connection: { url: server.url }, prefix: KEY_PREFIX });
    eraser = new CrmTaskEraser(new QueueJobs(redis), queue);
  });
  afterAll(async () => {
    await queue.close();
    redis.disconnect();
    await server.stop();
  });
  beforeEach(() => redis.flushall());

  /** A task of a call, with somebody's words. */
  async function add(callId: string, speaker: string, delay = 0): Promise<void> {
    const quotes = [{ quote: 'Send it.', speaker, side: 'external' as const, startMs: 0 }];
    const conversation = { kind: 'call' as const, title: null, occurredAt: null, url: null };
    const account = { id: '689', name: null };
    const data: CrmTaskJob = {
      schemaVersion: 1,
      task: { id: callId, account, subject: 's', dueDate: null, ownerEmail: null, quotes, conversation },
      grounds: { priority: 'low', insights: [], actions: [], nextSteps: [] },
      event: {
        ...{ eventId: 'e', correlationId: 'c', vendor: 'gong', kind: 'call', objectId: callId },
        receivedAt: '2026-11-25T10:00:00.000Z',
      },
    };
    await queue.add('write-task', data, { jobId: `task-${callId}`, delay });
  }

  const left = async () => (await queue.getJobs(['waiting', 'delayed', 'failed'])).map(({ id }) => id);

  it('removes tasks that name the person or are of a call of hers, and no others', async () => {
    await add('named', ANA);
    await add('later', ANA, 3_600_000);
    await add('traced', 'Ana');
    await add('other', 'bob@corp.example');
    const person = personToErase(ANA, ['call:traced']);
    expect(await eraser.erasePerson(person)).toEqual({ tasks: 3 });
    expect(await left()).toEqual(['task-other']);
    expect(await eraser.erasePerson(person)).toEqual({ tasks: 0 });
  });

  it('removes conversations that wait for a language model alike', async () => {
    const reviews = new Queue<InsightReviewJob>('insights-llm', {
      connection: { url: server.url },
      prefix: KEY_PREFIX,
    });
    try {
      for (const [id, body] of [
        ['named', `{"from":"${ANA}"}`],
        ['traced', '{}'],
        ['other', '{}'],
      ] as const) {
        const data = {
          schemaVersion: 1,
          event: { kind: 'call', objectId: id, body },
          record: {},
          accountId: null,
        };
        await reviews.add('review-insights', data as unknown as InsightReviewJob, { jobId: `r-${id}` });
      }
      const person = personToErase(ANA, ['call:traced']);
      expect(await new ReviewEraser(new QueueJobs(redis), reviews).erasePerson(person)).toEqual({
        reviews: 2,
      });
      expect((await reviews.getWaiting()).map(({ id }) => id)).toEqual(['r-other']);
    } finally {
      await reviews.close();
    }
  });

  it('waits for one that is being written, and removes it where that failed', async () => {
    let fail: () => void = () => undefined;
    const connection = { url: server.url, maxRetriesPerRequest: null };
    const work = () => new Promise<void>((_resolve, reject) => (fail = () => reject(new Error('refused'))));
    const worker = new Worker<CrmTaskJob>('crm-tasks', work, { connection, prefix: KEY_PREFIX });
    try {
      await add('held', ANA);
      await waitFor('the worker to have it', async () => (await queue.getActiveCount()) === 1);
      const erasing = eraser.erasePerson(personToErase(ANA, []));
      fail();
      expect(await erasing).toEqual({ tasks: 1 });
      expect(await left()).toEqual([]);
    } finally {
      await worker.close();
    }
  });
});
