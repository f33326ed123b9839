import { type Job, Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import type { VendorEvent } from '../../../src/contracts/event.js';
import { KEY_PREFIX } from '../../../src/contracts/queues.js';
import { QueueEraser } from '../../../src/pipeline/queue.eraser.js';
import { QueueJobs } from '../../../src/redis/queue-jobs.js';
import { personToErase } from '../../support/person-to-erase.js';
import { redisContents } from '../../support/redis-contents.js';
import { startRedis, type TestRedis } from '../../support/redis-server.js';
import { waitFor } from '../../support/wait-for.js';

const ANA = 'ana@corp.example';

describe(QueueEraser, () => {
  let server: TestRedis;
  let redis: Redis;
  let events: Queue<VendorEvent>;
  let enrichment: Queue<VendorEvent>;
  let eraser: QueueEraser;

  beforeAll(async () => {
    server = await startRedis();
    redis = new Redis(server.url);
    const options = { connection: { url: server.url }, prefix: KEY_PREFIX };
    [events, enrichment] = [new Queue('events', options), new Queue('enrichment', options)];
    eraser = new QueueEraser(new QueueJobs(redis), events, enrichment);
  });
  afterAll(async () => {
    await events.close();
    await enrichment.close();
    redis.disconnect();
    await server.stop();
  });
  beforeEach(() => redis.flushall());

  const event = (eventId: string, body: string, more: Partial<VendorEvent> = {}): VendorEvent => ({
    ...{ schemaVersion: 1, eventId, changeId: null, vendor: 'gong', kind: 'call', objectId: eventId },
    ...{ body, bodySha256: 'ab', headers: {}, signingKeyId: 'k', correlationId: 'c' },
    ...{ receivedAt: '2026-03-04T15:02:41.318Z', ...more },
  });
  const add = (queue: Queue<VendorEvent>, data: VendorEvent, delay = 0) =>
    queue.add('process-event', data, { jobId: data.eventId, delay });
  const bodyIn = async (queue: Queue<VendorEvent>, id: string) => (await queue.getJob(id))?.data.body;
  const workerOn = (work: (job: Job<VendorEvent>) => Promise<void>) =>
    new Worker<VendorEvent>('events', work, {
      connection: { url: server.url, maxRetriesPerRequest: null },
      prefix: KEY_PREFIX,
    });
  const isNamed = async () => JSON.stringify([...(await redisContents(redis))]).includes(ANA);

  it('empties jobs that name the person or are about a call of hers, wherever they wait, and no others', async () => {
    await add(events, event('waits', `{"to":"${ANA}"}`));
    await add(enrichment, event('later', 'to=ana%40corp.example'), 3_600_000);
    const bytes = Buffer.from(`\xff ${ANA}`, 'latin1').toString('base64');
    await add(events, event('bytes', bytes, { bodyEncoding: 'base64' }));
    await add(events, event('traced', '{}', { objectId: '7' }));
    await add(events, event('other', '{"to":"bob@corp.example"}'));
    const person = personToErase(ANA, ['call:7']);
    expect(await eraser.erasePerson(person)).toEqual({ jobs: 4, failures: 0 });
    expect(await eraser.erasePerson(person)).toEqual({ jobs: 0, failures: 0 });
    const erased = (await events.getJob('waits'))?.data;
    expect(erased).toEqual({
      ...event('waits', '[erased]'),
      isErased: true,
    });
    for (const id of ['bytes', 'traced']) expect(await bodyIn(events, id)).toBe('[erased]');
    expect(await bodyIn(enrichment, 'later')).toBe('[erased]');
    expect(await (await enrichment.getJob('later'))?.isDelayed()).toBe(true);
    expect(await bodyIn(events, 'other')).toBe('{"to":"bob@corp.example"}');
    expect([...person.traces].sort()).toEqual(['call:7', 'call:bytes', 'call:later', 'call:waits']);
    expect(await isNamed()).toBe(false);
  });

  it('waits for what a worker holds in its hands, and empties what it hands over from them', async () => {
    await add(events, event('held', `{"to":"${ANA}"}`));
    let letGo = () => undefined as void;
    const held = new Promise<void>((resolve) => (letGo = resolve));
    const worker = workerOn(async (job) => {
      await held;
      await add(enrichment, job.data);
    });
    try {
      await waitFor('the job to be taken', async () => (await events.getActiveCount()) === 1);
      let isDone = false;
      const erasing = eraser.erasePerson(personToErase(ANA)).finally(() => (isDone = true));
      await waitFor(
        'the stored job to be emptied',
        async () => (await bodyIn(events, 'held')) === '[erased]',
      );
      expect(isDone).toBe(false);
      letGo();
      expect(await erasing).toEqual({ jobs: 2, failures: 0 });
      expect(await bodyIn(enrichment, 'held')).toBe('[erased]');
      expect(await isNamed()).toBe(false);
    } finally {
      letGo();
      await worker.close();
    }
  });

  it('has a dead letter run again with nothing in it, and clears what its failure said', async () => {
    const failing = workerOn((job) => Promise.reject(new Error(`cannot read ${job.data.body}`)));
    await add(events, event('dead', `{"to":"${ANA}"}`));
    await add(events, event('other', '{"to":"bob@corp.example"}'));
    await waitFor('the dead letters', async () => (await events.getFailedCount()) === 2);
    await failing.close();
    const { jobs } = await eraser.erasePerson(personToErase(ANA));
    expect(jobs).toBe(1);
    expect(await isNamed()).toBe(false);
    expect(await (await events.getJob('dead'))?.isWaiting()).toBe(true);
    expect(await (await events.getJob('other'))?.isFailed()).toBe(true);
    const ran: unknown[] = [];
    const mended = workerOn((job) => Promise.resolve(void ran.push(job.data.isErased)));
    await waitFor('the dead letter to run', () => ran.length > 0);
    await mended.close();
    expect(ran).toEqual([true]);
  });
});
