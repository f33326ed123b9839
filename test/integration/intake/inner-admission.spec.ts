import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { loadConfig } from '../../../src/config/load-config.js';
import type { VendorEvent } from '../../../src/contracts/event.js';
import { ENRICHMENT_QUEUE, EVENTS_QUEUE } from '../../../src/contracts/jobs.js';
import { KEY_PREFIX } from '../../../src/contracts/queues.js';
import { EventQueueWriter } from '../../../src/intake/event-queue.writer.js';
import { InnerAdmission } from '../../../src/intake/inner-admission.js';
import { IntakeCapacity } from '../../../src/intake/intake-capacity.js';
import { RedisConnections } from '../../../src/redis/redis-connections.js';
import { redisAddress } from '../../../src/redis/redis-options.js';
import { startRedis, type TestRedis } from '../../support/redis-server.js';
import { describeEventAdmission, enteredEvent } from './event-admission-conformance.js';

describe('events that no webhook brought', () => {
  let server: TestRedis;
  let redis: Redis;
  let queues: Record<'events' | 'enrichment', Queue<VendorEvent>>;
  const closing: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    server = await startRedis();
    redis = new Redis(server.url, { maxRetriesPerRequest: null });
    const options = { connection: redis, prefix: KEY_PREFIX };
    queues = {
      events: new Queue(EVENTS_QUEUE, options),
      enrichment: new Queue(ENRICHMENT_QUEUE, options),
    };
  });
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });
  afterAll(async () => {
    await Promise.all(Object.values(queues).map((queue) => queue.close()));
    redis.disconnect();
    await server.stop();
  });

  function open(environment: Record<string, string> = {}): InnerAdmission {
    const config = loadConfig({ REDIS_URL: server.url, ...environment });
    const capacity = new IntakeCapacity(config, {
      append: async () => undefined,
      waitingBytes: async () => 0,
    });
    const connections = new RedisConnections(redisAddress(config));
    const writer = new EventQueueWriter(connections, capacity, config);
    closing.push(async () => {
      capacity.onApplicationShutdown();
      await writer.onApplicationShutdown();
      await connections.close();
    });
    return new InnerAdmission(writer, capacity, config);
  }

  describeEventAdmission(InnerAdmission.name, async () => {
    await redis.flushall();
    return {
      open,
      queued: async () =>
        (await queues.events.getJobs(['waiting', 'prioritized'])).map(({ data }) => data.eventId),
      fill: async (count) => {
        const jobs = Array.from({ length: count }, (_, index) => enteredEvent(`filler-${index}`));
        await queues.enrichment.addBulk(jobs.map((data) => ({ name: 'process-event', data })));
      },
      breakStore: async () => {
        await redis.config('SET', 'maxmemory', '1');
        return async () => {
          await redis.config('SET', 'maxmemory', '0');
        };
      },
    };
  });

  it('let webhooks pass, in the order of the queue', async () => {
    await redis.flushall();
    await open().admit([enteredEvent('found')], 60);
    expect(await queues.events.getJobCounts('waiting', 'prioritized')).toEqual({
      waiting: 0,
      prioritized: 1,
    });
  });
});
