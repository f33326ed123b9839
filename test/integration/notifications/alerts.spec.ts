import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { PinoLogger } from 'nestjs-pino';
import { Counter } from 'prom-client';
import type { AppConfig } from '../../../src/config/app-config.js';
import { loadConfig } from '../../../src/config/load-config.js';
import { ALERT_QUEUES, type AlertJob, type AlertQueueName } from '../../../src/contracts/jobs.js';
import { KEY_PREFIX } from '../../../src/contracts/queues.js';
import { AlertDelivery } from '../../../src/notifications/alerts/alert.delivery.js';
import { AlertDispatcher } from '../../../src/notifications/alerts/alert.dispatcher.js';
import { AlertOutbox } from '../../../src/notifications/alerts/alert-outbox.js';
import { AlertQueues } from '../../../src/notifications/alerts/alert-queues.js';
import { AlertWorkers } from '../../../src/notifications/alerts/alert.workers.js';
import { SlackSender } from '../../../src/notifications/alerts/slack.sender.js';
import { SmtpSender } from '../../../src/notifications/alerts/smtp.sender.js';
import { WebhookSender } from '../../../src/notifications/alerts/webhook.sender.js';
import { RedisNotifier } from '../../../src/notifications/redis-notifier.js';
import { RedisConnections } from '../../../src/redis/redis-connections.js';
import { HttpReceiver } from '../../simulators/http-receiver.js';
import { SlackSimulator } from '../../simulators/slack/slack-simulator.js';
import { SmtpSimulator } from '../../simulators/smtp/smtp-simulator.js';
import { WebhookReceiver } from '../../simulators/standard-webhooks/webhook-receiver.js';
import { startRedis } from '../../support/redis-server.js';
import { waitFor } from '../../support/wait-for.js';

const SILENT = new PinoLogger({ pinoHttp: { level: 'silent' } });
const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
const OLD_SECRET = `whsec_${Buffer.alloc(24, 2).toString('base64')}`;

/** The parts of one process that alert. */
interface House {
  readonly notifier: RedisNotifier;
  readonly outbox: AlertOutbox;
  readonly queues: AlertQueues;
  start(): void;
  stop(): Promise<void>;
}

describe('alerts', () => {
  let server: Awaited<ReturnType<typeof startRedis>>;
  let connections: RedisConnections;
  let redis: Redis;
  let slack: SlackSimulator;
  let smtp: SmtpSimulator;
  let receiver: WebhookReceiver;
  const houses: House[] = [];
  let count = 0;

  beforeAll(async () => {
    server = await startRedis();
    connections = new RedisConnections({ host: '127.0.0.1', port: server.port });
    await connections.connect();
    redis = new Redis(server.url);
  });
  afterAll(async () => {
    redis.disconnect();
    await connections.close();
    await server.stop();
  });
  beforeEach(async () => {
    await redis.flushdb();
    slack = await SlackSimulator.start();
    smtp = await SmtpSimulator.start();
    receiver = await WebhookReceiver.start(SECRET);
  });
  afterEach(async () => {
    for (const house of houses.splice(0)) await house.stop();
    await Promise.all([slack.stop(), smtp.stop(), receiver.stop()]);
  });

  function settings(hookUrl = receiver.url): AppConfig {
    return loadConfig({
      SLACK_URL: slack.url,
      SMTP_SERVER: smtp.url,
      HOOK_URL: hookUrl,
      HOOK_SECRET: SECRET,
      HOOK_OLD_SECRET: OLD_SECRET,
      NOTIFICATION_ALERTS: `
targets:
  sales: { type: slack, urlFrom: SLACK_URL }
  oncall: { type: smtp, serverFrom: SMTP_SERVER, from: alerts@tributary.example, to: [ops@example.com, b@example.com] }
  crm: { type: webhook, urlFrom: HOOK_URL, secretsFrom: [HOOK_OLD_SECRET, HOOK_SECRET] }
rules:
  - { name: everything urgent, types: [call], priorities: [urgent], targets: [sales, oncall, crm] }
retrySeconds: [1, 1]`,
    });
  }

  function house(config = settings()): House {
    const published = new Counter({ name: 'n', help: 'n', labelNames: ['channel'], registers: [] });
    const sent = new Counter({ name: 'a', help: 'a', labelNames: ['target', 'outcome'], registers: [] });
    const outbox = new AlertOutbox(connections.client, config);
    const handleOf = (name: AlertQueueName) =>
      new Queue<AlertJob>(name, { connection: connections.producers, prefix: KEY_PREFIX });
    const { slack: toSlack, smtp: toSmtp, webhook: toWebhook } = ALERT_QUEUES;
    const handles = [handleOf(toSlack), handleOf(toSmtp), handleOf(toWebhook)] as const;
    const queues = new AlertQueues(...handles, config);
    const dispatcher = new AlertDispatcher(outbox, queues, config, SILENT);
    const smtpSender = new SmtpSender();
    const delivery = new AlertDelivery(config, new SlackSender(), smtpSender, new WebhookSender());
    const workers = new AlertWorkers(delivery, connections, config, sent, SILENT);
    const made: House = {
      notifier: new RedisNotifier(connections.client, config, published, SILENT),
      outbox,
      queues,
      start: () => {
        dispatcher.onApplicationBootstrap();
        workers.onApplicationBootstrap();
      },
      stop: async () => {
        await dispatcher.beforeApplicationShutdown();
        await workers.beforeApplicationShutdown();
        await Promise.all(handles.map((handle) => handle.close()));
        await smtpSender.onApplicationShutdown();
      },
    };
    houses.push(made);
    return made;
  }

  function publish({ notifier }: House, summary = 'they will <leave> & never return'): Promise<boolean> {
    count += 1;
    const nothing = { insights: [], actions: [], occurredAt: null };
    return notifier.publish({
      channel: 'gong:calls',
      changeId: `call:${count}`,
      news: ['call'],
      message: {
        type: 'call',
        priority: 'urgent',
        vendor: 'gong',
        eventId: `event-${count}`,
        correlationId: 'c',
        subject: {
          type: 'call',
          id: '1',
          title: 'Renewal',
          url: 'https://gong.example/call?id=1&x=2',
          account: { id: '7', name: 'Acme\r\nBcc: all@example.com' },
        },
        summary,
        nextSteps: [{ text: 'call them', insightIds: [] }],
        ...nothing,
      },
    });
  }

  async function failed(queue: string): Promise<string[]> {
    const jobs = new Queue(queue, { connection: { url: server.url }, prefix: KEY_PREFIX });
    try {
      return (await jobs.getFailed()).map(({ failedReason }) => failedReason);
    } finally {
      await jobs.close();
    }
  }

  async function retryFailed(queue: string): Promise<void> {
    const jobs = new Queue(queue, { connection: { url: server.url }, prefix: KEY_PREFIX });
    try {
      for (const job of await jobs.getFailed()) {
        await job.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true });
      }
    } finally {
      await jobs.close();
    }
  }

  const allDelivered = (times = 1) =>
    waitFor('all targets', () =>
      [slack.texts.length, smtp.mails.length, receiver.processed.size].every((length) => length === times),
    );

  it('reach Slack, mail and a signed webhook, once each, though several processes hand them over', async () => {
    const first = house();
    const second = house();
    first.start();
    second.start();
    await publish(first);
    await allDelivered();
    await waitFor('the outbox to be empty', async () => (await redis.xlen('{sophia}:alerts:outbox')) === 0);
    expect([slack.attempts, smtp.attempts, receiver.ids.length]).toEqual([1, 1, 1]);

    expect(slack.texts[0]).toContain('they will &lt;leave&gt; &amp; never return');
    expect(slack.texts[0]).toContain('<https://gong.example/call?id=1&amp;x=2|Open>');
    const [mail] = smtp.mails;
    expect(mail).toMatchObject({
      from: 'alerts@tributary.example',
      to: ['ops@example.com', 'b@example.com'],
    });
    const [id, webhook] = [...receiver.processed][0] ?? [];
    expect(mail?.source).toContain(`Message-ID: <${id}.oncall@tributary>`);
    expect(mail?.source).not.toMatch(/^Bcc:/m);
    expect(webhook).toMatchObject({
      type: 'notification.call',
      data: { id, v: 1, type: 'call', channel: 'sophia:gong:calls' },
    });
  });

  it('that a broken Slack holds back reach everybody else, and Slack when it is back', async () => {
    slack.state = 'down';
    const only = house();
    only.start();
    await publish(only);
    await waitFor('the others', () => smtp.mails.length === 1 && receiver.processed.size === 1);
    await waitFor('an attempt at Slack', () => slack.attempts >= 1);
    slack.state = 'up';
    await allDelivered();
    expect(slack.attempts).toBeGreaterThan(1);
    expect(slack.texts).toHaveLength(1);
    expect([smtp.attempts, receiver.ids.length]).toEqual([1, 1]);
  });

  it('become dead letters of their target when all attempts have failed, and can be replayed', async () => {
    slack.state = 'down';
    const only = house();
    only.start();
    await publish(only);
    await waitFor('the dead letter', async () => (await failed('alerts-slack')).length === 1);
    expect(await failed('alerts-slack')).toEqual(['ALERT.FAILED: the target answered 503']);
    expect(slack.attempts).toBe(3);
    expect([await failed('alerts-smtp'), await failed('alerts-webhook')]).toEqual([[], []]);
    slack.state = 'up';
    await retryFailed('alerts-slack');
    await allDelivered();
  });

  it('become dead letters at once when the target says never, and say nothing of its address', async () => {
    slack.state = 'gone';
    smtp.state = 'refusing';
    receiver.refuseWith = { status: 410 };
    const only = house();
    only.start();
    await publish(only);
    const reasons = await waitFor('all dead letters', async () => {
      const queues = ['alerts-slack', 'alerts-smtp', 'alerts-webhook'];
      const found = (await Promise.all(queues.map(failed))).flat();
      return found.length === 3 && found;
    });
    expect(reasons).toEqual([
      'ALERT.REFUSED: the target answered 404',
      expect.stringMatching(/^ALERT\.REFUSED: the mail server refused \(\w+ 550\)$/),
      'ALERT.REFUSED: the target answered 410',
    ]);
    expect([slack.attempts, smtp.attempts, receiver.ids.length]).toEqual([1, 1, 1]);
  });

  it('wait as long as a busy target asks, without using up an attempt', async () => {
    slack.state = 'busy';
    const only = house();
    only.start();
    await publish(only);
    await waitFor('more tries than attempts', () => slack.attempts >= 4);
    slack.state = 'up';
    await allDelivered();
    expect(await failed('alerts-slack')).toEqual([]);
  });

  it('that fail for a while have the same webhook-id each time, so that a receiver takes them once', async () => {
    receiver.refuseWith = { status: 500 };
    smtp.state = 'busy';
    const only = house();
    only.start();
    await publish(only);
    await waitFor('two attempts', () => receiver.ids.length >= 2 && smtp.attempts >= 2);
    receiver.refuseWith = undefined;
    smtp.state = 'up';
    await allDelivered();
    expect(new Set(receiver.ids).size).toBe(1);
  });

  it('are delivered once when the process died between the queue and the outbox', async () => {
    const dying = house();
    await publish(dying);
    const [waiting] = await dying.outbox.oldest(10);
    const backlog = await dying.outbox.backlog();
    expect(backlog.messages).toBe(1);
    expect(Date.now() - Number(backlog.oldestMs)).toBeLessThan(60_000);
    for (const address of waiting?.addresses ?? []) {
      if (waiting !== undefined) await dying.queues.add(waiting.notification, address);
    }
    const next = house();
    next.start();
    await allDelivered();
    await waitFor('the outbox to be empty', async () => (await next.outbox.backlog()).messages === 0);
    expect(await next.outbox.backlog()).toEqual({ messages: 0, oldestMs: null });
    await publish(next);
    await allDelivered(2);
    expect([slack.attempts, smtp.attempts, receiver.ids.length]).toEqual([2, 2, 2]);
  });

  it('are not sent after a redirect: the address is the operator’s', async () => {
    const elsewhere = await HttpReceiver.start(() => ({ status: 200 }));
    const redirecting = await HttpReceiver.start(() => ({
      status: 307,
      headers: { location: elsewhere.url },
    }));
    try {
      const only = house(settings(redirecting.url));
      only.start();
      await publish(only);
      await waitFor('the dead letter', async () => (await failed('alerts-webhook')).length === 1);
      expect(await failed('alerts-webhook')).toEqual(['ALERT.FAILED: the target answered 307']);
      expect(elsewhere.requests).toEqual([]);
    } finally {
      await redirecting.stop();
      await elsewhere.stop();
    }
  });

  it('for a target that is no longer there are dead letters, not forgotten', async () => {
    const before = house();
    await publish(before);
    const after = house(
      loadConfig({
        SLACK_URL: slack.url,
        NOTIFICATION_ALERTS: `
targets: { others: { type: slack, urlFrom: SLACK_URL } }
rules: []
retrySeconds: [1]`,
      }),
    );
    after.start();
    await waitFor('the dead letter', async () => (await failed('alerts-slack')).length === 1);
    expect(await failed('alerts-slack')).toEqual([
      'ALERT.TARGET_UNKNOWN: no target named sales is configured',
    ]);
  });
});
