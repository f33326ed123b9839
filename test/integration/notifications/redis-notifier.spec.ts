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

const draft = (changeId: string, more: Partial<NotificationDraft> & { priority?: Priority } = {}) => {
  const { priority = 'medium', ...rest } = more;
  const made: NotificationDraft = {
    channel: 'gong:calls',
    changeId,
    news: ['call'],
    supersedesEarlier: true,
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
    ...rest,
  };
  return made;
};

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

  async function published(stream = '{sophia}:gong:calls:log'): Promise<Record<string, unknown>[]> {
    const entries = await redis.xrange(stream, '-', '+');
    return entries.map(([, [, text = '']]) => JSON.parse(text) as Record<string, unknown>);
  }

  it('publishes once, keeps the message under its id for the configured time, and appends it to the stream', async () => {
    const agent = await subscribe(server.url);
    const sent = await Promise.all(
      Array.from({ length: 20 }, () => notifier({ NOTIFICATION_TTL: '60' }).publish(draft('call:1'))),
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
    'says %s messages on the priority channel too, with the same id, and in its stream',
    async (priority) => {
      const agent = await subscribe(server.url);
      await notifier().publish(draft('call:2', { priority }));
      await waitFor('both messages', () => agent.received.length === 2);
      expect(agent.received.map(({ channel }) => channel)).toEqual([
        'sophia:gong:calls',
        `sophia:gong:priority:${priority}`,
      ]);
      expect(agent.received[0]?.message).toEqual(agent.received[1]?.message);
      expect(await published(`{sophia}:gong:priority:${priority}:log`)).toEqual([agent.received[0]?.message]);
      agent.close();
    },
  );

  it('does not repeat the parts of a conversation on the priority channel', async () => {
    const { message } = draft('call:2');
    const insight = { ...message, type: 'insight', priority: 'urgent' } as const;
    await notifier().publish(draft('call:2', { channel: 'gong:insights', message: insight }));
    expect(await published('{sophia}:gong:insights:log')).toHaveLength(1);
    expect(await redis.exists('{sophia}:gong:priority:urgent:log')).toBe(0);
  });

  it('publishes again only what holds news, and the later message names the one it replaces', async () => {
    const news = (...items: string[]) => notifier().publish(draft('call:3', { news: ['call', ...items] }));
    expect(await news()).toBe(true);
    expect(await news()).toBe(false);
    expect(await news('insight-1', 'insight-2')).toBe(true);
    expect(await news('insight-2')).toBe(false);
    expect(await news('insight-2', 'insight-3')).toBe(true);
    const messages = await published();
    expect(new Set(messages.map(({ id }) => id)).size).toBe(3);
    expect(messages.map(({ supersedes }) => supersedes)).toEqual([
      undefined,
      messages[0]?.id,
      messages[1]?.id,
    ]);
  });

  it('knows the earlier message also when updates are published at the same time', async () => {
    await Promise.all(
      ['a', 'b', 'c', 'd', 'e'].map((item) => notifier().publish(draft('call:4', { news: ['call', item] }))),
    );
    const messages = await published();
    expect(messages).toHaveLength(5);
    expect(messages.slice(1).map(({ supersedes }) => supersedes)).toEqual(
      messages.slice(0, -1).map(({ id }) => id),
    );
  });

  it('says an insight once, whatever other insights come with it, and replaces none by another', async () => {
    const insight = (id: string) =>
      notifier().publish(draft('call:5', { channel: 'gong:insights', news: [id], supersedesEarlier: false }));
    expect([await insight('one'), await insight('two'), await insight('one')]).toEqual([true, true, false]);
    const messages = await published('{sophia}:gong:insights:log');
    expect(messages.map(({ supersedes }) => supersedes)).toEqual([undefined, undefined]);
  });

  it('does not say it again when the message itself is no longer kept', async () => {
    expect(await notifier().publish(draft('call:6'))).toBe(true);
    const [message] = await published();
    await redis.del(`{sophia}:notification:${String(message?.id)}`);
    expect(await notifier().publish(draft('call:6'))).toBe(false);
  });

  it('says it again for a replay that asks for it, once for each replay', async () => {
    const replayed = (replayId: string) => notifier().publish(draft('call:7', { replayId }));
    await notifier().publish(draft('call:7'));
    expect([await replayed('r1'), await replayed('r1'), await replayed('r2')]).toEqual([true, false, true]);
    const messages = await published();
    expect(messages.map(({ supersedes }) => supersedes)).toEqual([
      undefined,
      messages[0]?.id,
      messages[1]?.id,
    ]);
  });

  it('goes on after Redis forgot the script', async () => {
    await notifier().publish(draft('call:8'));
    await redis.script('FLUSH');
    expect(await notifier().publish(draft('call:9'))).toBe(true);
  });

  it('leaves the alerts of a message in the same step, and none without a rule', async () => {
    await notifier().publish(draft('call:10'));
    expect(await redis.exists('{sophia}:alerts:outbox')).toBe(0);
    const NOTIFICATION_ALERTS = `
targets:
  ops: { type: slack, urlFrom: URL }
rules:
  - { name: all, types: [call], targets: [ops] }`;
    const alerting = notifier({ NOTIFICATION_ALERTS, URL: 'https://slack.example/hook' });
    await alerting.publish(draft('call:11'));
    await alerting.publish(draft('call:11'));
    const [[, [, targets, , message]]] = (await redis.xrange('{sophia}:alerts:outbox', '-', '+')) as [
      [string, string[]],
    ];
    expect(JSON.parse(targets ?? '')).toEqual([{ type: 'slack', name: 'ops' }]);
    expect(JSON.parse(message ?? '')).toEqual((await published()).at(-1));
    expect(await redis.xlen('{sophia}:alerts:outbox')).toBe(1);
  });

  it('caps the stream', async () => {
    for (let index = 0; index < 300; index += 1) {
      await notifier({ NOTIFICATION_LOG_LENGTH: '100' }).publish(draft(`call:${index}`));
    }
    const length = await redis.xlen('{sophia}:gong:calls:log');
    // Approximate trimming works in whole nodes of at most 100 entries.
    expect(length).toBeGreaterThanOrEqual(100);
    expect(length).toBeLessThanOrEqual(200);
  });
});
