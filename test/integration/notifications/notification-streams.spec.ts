import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Redis } from 'ioredis';
import { PinoLogger } from 'nestjs-pino';
import { Counter, Gauge } from 'prom-client';
import { loadConfig } from '../../../src/config/load-config.js';
import type { Priority } from '../../../src/contracts/insight.js';
import type { ChannelName } from '../../../src/contracts/notification.js';
import { RedisNotifier } from '../../../src/notifications/redis-notifier.js';
import { NotificationFeed } from '../../../src/notifications/stream/notification-feed.js';
import { NotificationLog } from '../../../src/notifications/stream/notification-log.js';
import {
  NotificationStreams,
  STREAM_LIMITS,
} from '../../../src/notifications/stream/notification-streams.js';
import type { StreamLimits } from '../../../src/notifications/stream/stream-client.js';
import { readStreamQuery } from '../../../src/notifications/stream/stream-query.js';
import { startRedis } from '../../support/redis-server.js';
import { SseClient } from '../../support/sse-client.js';
import { waitFor } from '../../support/wait-for.js';

const SILENT = new PinoLogger({ pinoHttp: { level: 'silent' } });
const MESSAGE_BYTES = 20_000;

describe('the stream of notifications', () => {
  let redisServer: Awaited<ReturnType<typeof startRedis>>;
  let redis: Redis;
  let feed: NotificationFeed;
  let streams: NotificationStreams;
  let server: Server;
  let limits: StreamLimits;
  let responses: ServerResponse[];
  let dropped: Counter;
  let notifier: RedisNotifier;
  const clients: SseClient[] = [];
  let count = 0;

  beforeAll(async () => {
    redisServer = await startRedis({ appendonly: true });
    redis = new Redis(redisServer.url, { maxRetriesPerRequest: null });
    redis.on('error', () => undefined);
  });
  afterAll(async () => {
    redis.disconnect();
    await redisServer.stop();
  });

  beforeEach(async () => {
    await redis.flushdb();
    const config = loadConfig({ NOTIFICATION_LOG_LENGTH: '5000' });
    const published = new Counter({ name: 'n', help: 'n', labelNames: ['channel'], registers: [] });
    notifier = new RedisNotifier(redis, config, published, SILENT);
    const log = new NotificationLog(redis, config);
    feed = new NotificationFeed(redis, log, SILENT);
    const clientCount = new Gauge({ name: 'c', help: 'c', registers: [] });
    dropped = new Counter({ name: 'd', help: 'd', registers: [] });
    streams = new NotificationStreams(feed, log, clientCount, dropped, SILENT);
    limits = STREAM_LIMITS;
    responses = [];
    server = createServer((request, response) => {
      responses.push(response);
      const { searchParams } = new URL(request.url ?? '', 'http://localhost');
      const query = Object.fromEntries(searchParams);
      void streams.serve(
        response,
        readStreamQuery({ query, headers: request.headers }, 'sophia'),
        {},
        limits,
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    streams.beforeApplicationShutdown();
    feed.beforeApplicationShutdown();
    await new Promise((resolve) => server.close(resolve));
  });

  async function listen(query = '', lastEventId?: string): Promise<SseClient> {
    const { port } = server.address() as AddressInfo;
    const client = new SseClient(`http://127.0.0.1:${port}/?${query}`, {
      ...(lastEventId !== undefined && { lastEventId }),
    });
    clients.push(client);
    await client.connect();
    // The first event says where it begins: from then on nothing is missed.
    await waitFor('the stream to begin', () => client.lastEventId !== '' || client.isClosed);
    return client;
  }

  async function publish(
    channel: ChannelName = 'gong:calls',
    priority: Priority = 'medium',
    summary = 'a call',
  ): Promise<string> {
    count += 1;
    const eventId = `event-${count}`;
    const nothing = { insights: [], actions: [], nextSteps: [], occurredAt: null, subject: null };
    const message = { type: 'call', priority, vendor: 'gong', eventId, correlationId: 'c', summary } as const;
    const news = ['call'];
    await notifier.publish({ channel, changeId: eventId, news, message: { ...message, ...nothing } });
    return eventId;
  }

  const idsOf = (client: SseClient) => client.messages.map(({ eventId }) => eventId);

  it('tells what is published, by channel and priority', async () => {
    const all = await listen();
    const errors = await listen('channels=sophia:gong:errors,zoho:errors');
    const urgent = await listen('priority=high,urgent');
    const priorityChannel = await listen('channels=gong:priority:high');
    const call = await publish();
    const error = await publish('gong:errors');
    const high = await publish('gong:emails', 'high');
    await waitFor('all of them', () => idsOf(all).length === 3 && idsOf(priorityChannel).length === 1);
    await waitFor('the others', () => idsOf(errors).length === 1 && idsOf(urgent).length === 1);
    expect(new Set(idsOf(all))).toEqual(new Set([call, error, high]));
    expect(idsOf(errors)).toEqual([error]);
    expect(idsOf(urgent)).toEqual([high]);
    expect(priorityChannel.messages).toEqual(urgent.messages);
  });

  it('resumes without a gap or a repeat, wherever the connection ends', async () => {
    const told: unknown[] = [];
    const published: string[] = [];
    const channels: ChannelName[] = ['gong:calls', 'gong:emails', 'zoho:accounts'];
    const first = await listen();
    first.close();
    let { lastEventId } = first;
    let isPublishing = true;
    const publishing = (async () => {
      for (let index = 0; index < 600; index += 1) {
        published.push(await publish(channels[index % 3]));
      }
      isPublishing = false;
    })();
    const lastsOf = [1, 3, 17, 60, 5, 100, 2, 40];
    for (let round = 0; isPublishing || told.length < published.length; round += 1) {
      const client = await listen('', lastEventId);
      const enough = lastsOf[round % lastsOf.length] ?? 1;
      await waitFor('some messages', () => {
        const isDone = !isPublishing && told.length + client.messages.length >= published.length;
        return client.messages.length >= enough || isDone;
      });
      client.close();
      await waitFor('the end', () => client.isClosed);
      told.push(...idsOf(client));
      lastEventId = client.lastEventId;
    }
    await publishing;
    expect(told).toHaveLength(published.length);
    expect(new Set(told)).toEqual(new Set(published));
  });

  it('resumes also for an agent that had heard nothing, and past what it did not want', async () => {
    const first = await listen('priority=urgent');
    first.close();
    const missed = await publish('gong:calls', 'urgent');
    const again = await listen('priority=urgent', first.lastEventId);
    await waitFor('what it missed', () => again.messages.length === 1);
    expect(idsOf(again)).toEqual([missed]);
  });

  it('begins at the very beginning of what is kept, when asked', async () => {
    const published = [await publish(), await publish()];
    const client = await listen('channels=gong:calls', 'gong:calls@0-0');
    await waitFor('both', () => client.messages.length === 2);
    expect(idsOf(client)).toEqual(published);
  });

  it('reads Redis in one loop, however many listen', async () => {
    const many = await Promise.all(Array.from({ length: 30 }, () => listen()));
    await publish();
    await waitFor('all to hear it', () => many.every(({ messages }) => messages.length === 1));
    const connected = String(await redis.client('LIST')).split('\n');
    expect(connected.filter((line) => line.includes('cmd=xread'))).toHaveLength(1);
  });

  it('cuts off an agent that does not read, with bounded memory, and it misses nothing', async () => {
    limits = { ...STREAM_LIMITS, maxWaitingBytes: 200_000 };
    const slow = await listen('channels=gong:calls');
    const quick = await listen('channels=gong:calls');
    slow.pause();
    const published: string[] = [];
    let most = 0;
    // The kernel's buffers take some megabytes first.
    while ((await dropped.get()).values[0]?.value === 0 && published.length < 3_000) {
      published.push(await publish('gong:calls', 'medium', 'x'.repeat(MESSAGE_BYTES)));
      most = Math.max(most, responses[0]?.writableLength ?? 0);
    }
    expect((await dropped.get()).values[0]?.value).toBe(1);
    // One message more than the limit may wait.
    expect(most).toBeLessThan(200_000 + 2 * MESSAGE_BYTES);
    await waitFor('the quick one to hear all', () => quick.messages.length === published.length);
    slow.close();
    const again = await listen('channels=gong:calls', slow.lastEventId);
    await waitFor('the rest', () => slow.messages.length + again.messages.length === published.length);
    expect([...idsOf(slow), ...idsOf(again)]).toEqual(published);
  });

  it('lets an agent that catches up read at its own pace, but not for ever', async () => {
    const published: string[] = [];
    for (let index = 0; index < 500; index += 1) {
      published.push(await publish('gong:calls', 'medium', 'x'.repeat(MESSAGE_BYTES)));
    }
    limits = { ...STREAM_LIMITS, maxWaitingBytes: 1, maxPauseMs: 300 };
    const patient = await listen('channels=gong:calls', 'gong:calls@0-0');
    await waitFor('all of the old', () => patient.messages.length === published.length);
    expect(idsOf(patient)).toEqual(published);

    const stuck = await listen('channels=gong:calls', 'gong:calls@0-0');
    stuck.pause();
    await waitFor('the end', async () => (await dropped.get()).values[0]?.value === 1);
  });

  it('says so when what was missed is no longer kept', async () => {
    const client = await listen('channels=gong:calls');
    await publish();
    await waitFor('the message', () => client.messages.length === 1);
    client.close();
    for (let index = 0; index < 20; index += 1) await publish();
    await redis.xtrim('{sophia}:gong:calls:log', 'MAXLEN', 5);
    const again = await listen('channels=gong:calls', client.lastEventId);
    await waitFor('what is kept', () => again.messages.length === 5);
    const [gap] = again.events;
    expect(gap?.event).toBe('gap');
    expect(JSON.parse(gap?.data ?? '')).toMatchObject({ channel: 'gong:calls' });
  });

  it('sends heartbeats, and where to resume with them', async () => {
    limits = { ...STREAM_LIMITS, heartbeatMs: 20 };
    const client = await listen('priority=urgent');
    const before = client.lastEventId;
    await publish();
    await waitFor('heartbeats', () => client.comments >= 2 && client.lastEventId !== before);
    expect(client.messages).toEqual([]);
  });

  it('goes on after Redis was away, with nothing missed', async () => {
    const client = await listen();
    const before = await publish();
    await waitFor('the first', () => client.messages.length === 1);
    redisServer.kill9();
    await redisServer.restart();
    const after = await publish();
    await waitFor('the second', () => client.messages.length === 2);
    expect(idsOf(client)).toEqual([before, after]);
  });

  it('ends every answer when the service stops, and takes nobody after', async () => {
    const client = await listen();
    streams.beforeApplicationShutdown();
    await waitFor('the end', () => client.isClosed);
    expect(() => streams.refuseIfFull()).toThrow(
      expect.objectContaining({ code: 'NOTIFICATIONS.STREAM_UNAVAILABLE' }),
    );
  });
});
