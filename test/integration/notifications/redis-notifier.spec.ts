import { Redis } from 'ioredis';
import { PinoLogger } from 'nestjs-pino';
import { Counter } from 'prom-client';
import { loadConfig } from '../../../src/config/load-config.js';
import type { Priority } from '../../../src/contracts/insight.js';
import type { NotificationDraft } from '../../../src/contracts/notification.js';
import { RedisNotifier } from '../../../src/notifications/redis-notifier.js';
import { startRedis } from '../../support/redis-server.js';
import { subscribe } from '../../support/subscriber.js';
import { waitFor } from '../../support/wait-for.js';

const draft = (identity: string[], priority: Priority = 'medium'): NotificationDraft => ({
  channel: 'gong:calls',
  identity,
  message: {
    type: 'call',
    priority,
    vendor: 'gong',
    eventId: 'event',
    correlationId: 'correlation',
    occurredAt: null,
    subject: null,
    summary: 'a call',
    insights: [],
    actions: [],
    nextSteps: [],
  },
});

describe('RedisNotifier', () => {
  let server: Awaited<ReturnType<typeof startRedis>>;
  let redis: Redis;

  beforeAll(async () => {
    server = await startRedis();
    redis = new Redis(server.url);
  });
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });
  beforeEach(() => redis.flushdb());

  function notifier(environment: Record<string, string> = {}): RedisNotifier {
    const published = new Counter({ name: 'n', help: 'n', labelNames: ['channel'], registers: [] });
    return new RedisNotifier(
      redis,
      loadConfig(environment),
      published,
      new PinoLogger({ pinoHttp: { level: 'silent' } }),
    );
  }

  it('publishes once, keeps the message under its id for the configured time, and appends it to the stream', async () => {
    const agent = await subscribe(server.url);
    const sent = await Promise.all(
      Array.from({ length: 20 }, () =>
        notifier({ NOTIFICATION_TTL: '60' }).publish(draft(['call:1', 'call'])),
      ),
    );
    expect(sent.filter(Boolean)).toHaveLength(1);
    await waitFor('the message', () => agent.received.length > 0);
    const [{ channel, message }] = agent.received as [(typeof agent.received)[number]];
    expect(channel).toBe('sophia:gong:calls');
    expect(message).toMatchObject({ v: 1, channel: 'sophia:gong:calls', summary: 'a call' });
    const key = `{sophia}:notification:${String(message.id)}`;
    expect(JSON.parse((await redis.get(key)) ?? '')).toEqual(message);
    expect(await redis.ttl(key)).toBeGreaterThan(50);
    expect(await redis.xlen('{sophia}:gong:calls:log')).toBe(1);
    expect(agent.received).toHaveLength(1);
    agent.close();
  });

  it.each([['high'], ['urgent']] as const)(
    'says %s messages on the priority channel too, with the same id',
    async (priority) => {
      const agent = await subscribe(server.url);
      await notifier().publish(draft(['call:2', priority], priority));
      await waitFor('both messages', () => agent.received.length === 2);
      expect(agent.received.map(({ channel }) => channel)).toEqual([
        'sophia:gong:calls',
        `sophia:gong:priority:${priority}`,
      ]);
      expect(agent.received[0]?.message).toEqual(agent.received[1]?.message);
      agent.close();
    },
  );

  it('tells different insights of one call as different messages', async () => {
    expect(await notifier().publish(draft(['call:3', 'call']))).toBe(true);
    expect(await notifier().publish(draft(['call:3', 'call', 'insight-1']))).toBe(true);
    expect(await notifier().publish(draft(['call:3', 'call', 'insight-1']))).toBe(false);
  });

  it('caps the stream', async () => {
    for (let index = 0; index < 300; index += 1) {
      await notifier({ NOTIFICATION_LOG_LENGTH: '100' }).publish(draft([`call:${index}`]));
    }
    const length = await redis.xlen('{sophia}:gong:calls:log');
    // Approximate trimming works in whole nodes of at most 100 entries.
    expect(length).toBeGreaterThanOrEqual(100);
    expect(length).toBeLessThanOrEqual(200);
  });
});
