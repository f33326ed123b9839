import { hash, randomUUID } from 'node:crypto';
import { Queue, Worker } from 'bullmq';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { loadConfig } from '../../../src/config/load-config.js';
import type { VendorEvent } from '../../../src/contracts/event.js';
import { EVENTS_QUEUE } from '../../../src/contracts/jobs.js';
import { KEY_PREFIX } from '../../../src/contracts/queues.js';
import { EventQueueWriter } from '../../../src/intake/event-queue.writer.js';
import { IntakeCapacity } from '../../../src/intake/intake-capacity.js';
import { RedisConnections } from '../../../src/redis/redis-connections.js';
import { redisAddress } from '../../../src/redis/redis-options.js';
import { startRedis, type TestRedis } from '../../support/redis-server.js';
import { waitFor } from '../../support/wait-for.js';
import { webhookFixture } from '../../support/webhook-fixtures.js';

const DEDUPE_SECONDS = 60;

const event = (eventId: string, body = '{}'): VendorEvent => ({
  schemaVersion: 1,
  eventId,
  changeId: null,
  vendor: 'zoho',
  kind: 'record',
  objectId: '1',
  body,
  headers: {},
  signingKeyId: 'k',
  correlationId: 'c',
  receivedAt: '2026-03-04T15:40:00.000Z',
});

describe('EventQueueWriter', () => {
  let server: TestRedis;
  let redis: Redis;
  let queue: Queue<VendorEvent>;
  const closing: (() => Promise<void>)[] = [];

  /** The front door of one process. */
  function frontDoor(environment: Record<string, string> = {}): EventQueueWriter {
    const config = loadConfig({ REDIS_URL: server.url, ...environment });
    const outbox = { append: async () => undefined, waitingBytes: async () => 0 };
    const capacity = new IntakeCapacity(config, outbox);
    const connections = new RedisConnections(redisAddress(config));
    const writer = new EventQueueWriter(connections, capacity, config);
    closing.push(async () => {
      capacity.onApplicationShutdown();
      await writer.onApplicationShutdown();
      await connections.close();
    });
    return writer;
  }

  beforeAll(async () => {
    server = await startRedis();
    redis = new Redis(server.url);
    queue = new Queue(EVENTS_QUEUE, { connection: redis, prefix: KEY_PREFIX });
  });
  afterAll(async () => {
    for (const close of closing) await close();
    await queue.close();
    redis.disconnect();
    await server.stop();
  });
  beforeEach(async () => {
    await redis.flushall();
  });

  it('makes one job of each event, however its deliveries interleave over two processes', async () => {
    const doors = [frontDoor(), frontDoor()] as const;
    const delivery = fc.record({ id: fc.nat(5), door: fc.nat(1), withNeighbour: fc.boolean() });
    /** Each inner list is under way at the same time; the lists follow each other. */
    const schedule = fc.array(fc.array(delivery, { minLength: 1, maxLength: 8 }), {
      minLength: 1,
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(schedule, async (waves) => {
        await redis.flushall();
        const accepted: string[] = [];
        const sent = new Set<string>();
        for (const wave of waves) {
          const answers = await Promise.all(
            wave.map(({ id, door, withNeighbour }) => {
              const ids = withNeighbour ? [`e${id}`, `e${(id + 1) % 6}`] : [`e${id}`];
              for (const name of ids) sent.add(name);
              const writer = door === 0 ? doors[0] : doors[1];
              return writer.admit(
                ids.map((name) => event(name)),
                DEDUPE_SECONDS,
              );
            }),
          );
          for (const { eventId, status } of answers.flat()) if (status === 'accepted') accepted.push(eventId);
        }
        const queued = (await queue.getJobs(['waiting'])).map(({ data }) => data.eventId);
        expect(queued.sort()).toEqual([...sent].sort());
        expect(accepted.sort()).toEqual([...sent].sort());
      }),
      { numRuns: 40 },
    );
  });

  it('remembers an event after its job is done and gone, until the time is over', async () => {
    const writer = frontDoor();
    expect(await writer.admit([event('e')], DEDUPE_SECONDS)).toEqual([{ eventId: 'e', status: 'accepted' }]);
    const worker = new Worker(EVENTS_QUEUE, async () => undefined, {
      connection: { url: server.url, maxRetriesPerRequest: null },
      prefix: KEY_PREFIX,
    });
    try {
      await waitFor('the job to be done', async () => {
        const counts = await queue.getJobCounts('waiting', 'active', 'completed');
        return Object.values(counts).every((count) => count === 0);
      });
    } finally {
      await worker.close();
    }
    expect(await writer.admit([event('e')], DEDUPE_SECONDS)).toEqual([{ eventId: 'e', status: 'duplicate' }]);
    const [key = ''] = await redis.keys('*:de:e');
    expect(await redis.pttl(key)).toBeGreaterThan((DEDUPE_SECONDS - 30) * 1000);
    await redis.pexpire(key, 1);
    await waitFor('the time to be over', async () => (await redis.exists(key)) === 0);
    expect(await writer.admit([event('e')], DEDUPE_SECONDS)).toEqual([{ eventId: 'e', status: 'accepted' }]);
  });

  it('lets urgent events pass routine ones', async () => {
    const writer = frontDoor();
    await writer.admit([{ ...event('routine'), urgency: 'routine' }], DEDUPE_SECONDS);
    await writer.admit([event('urgent')], DEDUPE_SECONDS);
    expect(await queue.getJobCounts('waiting', 'prioritized')).toEqual({ waiting: 1, prioritized: 1 });
  });

  it('keeps little beside the body: 1.3 times its size and 1.5 KB at most', async () => {
    const writer = frontDoor();
    const { body: fixture } = webhookFixture('gong/call.json');
    const body = fixture.toString().slice(0, 1_400);
    const delivered = (id: string): VendorEvent => ({
      ...event(hash('sha256', id), body),
      changeId: 'call:7710000000000000123',
      objectId: '7710000000000000123',
      headers: { 'content-type': 'application/json', authorization: '[redacted]' },
      signingKeyId: '72b39cca4e88fc0b',
      correlationId: randomUUID(),
    });
    const COUNT = 500;
    await writer.admit([delivered('first')], DEDUPE_SECONDS);
    const used = async () => Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1]);
    const before = await used();
    for (let index = 0; index < COUNT; index += 1) {
      await writer.admit([delivered(String(index))], DEDUPE_SECONDS);
    }
    expect(((await used()) - before) / COUNT).toBeLessThan(1.3 * body.length + 1.5 * 1024);
  });

  it('refuses when the queue is full, and counts neither duplicates nor what is done', async () => {
    const writer = frontDoor({ WEBHOOK_MAX_QUEUE_SIZE: '2' });
    await writer.admit([event('a')], DEDUPE_SECONDS);
    for (let repeat = 0; repeat < 5; repeat += 1) await writer.admit([event('a')], DEDUPE_SECONDS);
    // A body with more records than there is room for is taken whole: refused, it would be refused for ever.
    expect(await writer.admit([event('b'), event('c'), event('d')], DEDUPE_SECONDS)).toHaveLength(3);
    await expect(writer.admit([event('e')], DEDUPE_SECONDS)).rejects.toMatchObject({
      code: 'INTAKE.QUEUE_FULL',
      retry: { afterMs: expect.any(Number) as number },
    });
  });

  it('counts events that wait for a vendor, and not those that wait for their time', async () => {
    const enrichment = new Queue('enrichment', { connection: redis, prefix: KEY_PREFIX });
    const writer = frontDoor({ WEBHOOK_MAX_QUEUE_SIZE: '2' });
    try {
      await enrichment.add('process-event', event('x'), { delay: 600_000 });
      await enrichment.add('process-event', event('y'), { delay: 600_000 });
      await writer.admit([event('a')], DEDUPE_SECONDS);
      await enrichment.add('process-event', event('z'));
      await waitFor('the queue to be full', async () => {
        const outcome = await writer.admit([event('a')], DEDUPE_SECONDS).catch((error: Error) => error);
        return (outcome as { code?: string }).code === 'INTAKE.QUEUE_FULL';
      });
    } finally {
      await enrichment.close();
    }
  });
});
