import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { gongTracker } from '../factories/gong-call.factory.js';
import { SlackSimulator } from '../simulators/slack/slack-simulator.js';
import { WebhookReceiver } from '../simulators/standard-webhooks/webhook-receiver.js';
import { answerBody, GongHouse } from '../support/gong-house.js';
import { subscribe } from '../support/subscriber.js';
import { waitFor } from '../support/wait-for.js';

const SECRET = `whsec_${Buffer.alloc(32, 5).toString('base64')}`;
const RULES = `
targets:
  sales: { type: slack, urlFrom: ALERTS_SLACK_URL }
  crm: { type: webhook, urlFrom: ALERTS_HOOK_URL, secretsFrom: [ALERTS_HOOK_SECRET] }
rules:
  - { name: churn, types: [call], priorities: [high, urgent], insights: [churn_risk], targets: [sales, crm] }
retrySeconds: [1, 1]
`;

describe('alerts of the running service', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-alerts-e2e-'));
  let slack: SlackSimulator;
  let receiver: WebhookReceiver;
  let house: GongHouse;

  beforeAll(async () => {
    writeFileSync(join(folder, 'alerts.yaml'), RULES);
    slack = await SlackSimulator.start();
    receiver = await WebhookReceiver.start(SECRET);
    house = await GongHouse.open({
      NOTIFICATION_ALERTS_FILE: join(folder, 'alerts.yaml'),
      ALERTS_SLACK_URL: slack.url,
      ALERTS_HOOK_URL: receiver.url,
      ALERTS_HOOK_SECRET: SECRET,
    });
  });
  afterAll(async () => {
    await house.close();
    await Promise.all([slack.stop(), receiver.stop()]);
    rmSync(folder, { recursive: true, force: true });
  });

  /** Whether nothing of a queue is waiting, running or to be tried again. */
  async function hasNoWork(queue: string): Promise<boolean> {
    const redis = new Redis(house.redis.url);
    try {
      const key = (name: string) => `{tributary}:${queue}:${name}`;
      const counts = await Promise.all([
        redis.llen(key('wait')),
        redis.llen(key('active')),
        redis.zcard(key('delayed')),
        redis.xlen('{sophia}:alerts:outbox'),
      ]);
      return counts.every((count) => count === 0);
    } finally {
      redis.disconnect();
    }
  }

  const threat = (seed: number) =>
    house.postCall({
      seed,
      trackers: [gongTracker('Churn risk', { 'not renew': 2 })],
      metaData: { title: 'Contoso: renewal at risk?' },
    });

  it('are neither lost nor doubled by kill -9, and each is about a published message', async () => {
    const agent = await subscribe(house.redis.url, 'sophia:gong:calls');
    const acknowledged = new Set<string>();
    for (let round = 0; round < 3; round += 1) {
      const sending = Array.from({ length: 12 }, async (_item, index) => {
        const answer = await threat(900 + round * 20 + index).catch(() => undefined);
        if (answer?.status === 200) acknowledged.add(answerBody(answer).eventIds[0] ?? '');
      });
      const before = receiver.processed.size;
      await waitFor('some alerts', () => receiver.processed.size > before);
      await house.service.kill9();
      await Promise.all(sending);
      await house.service.start();
    }
    const alerted = () =>
      new Set([...receiver.processed.values()].map(({ data }) => (data as { eventId: string }).eventId));
    await waitFor('an alert for every event', () => [...acknowledged].every((id) => alerted().has(id)), {
      timeoutMs: 40_000,
    });
    // Also of an event whose answer the kill cut off: it may be told all the same.
    await waitFor(
      'an alert for every published message',
      () => agent.received.every(({ message }) => receiver.processed.has(String(message.id))),
      { timeoutMs: 40_000 },
    );
    await waitFor('Slack to have them too', () => hasNoWork('alerts-slack'));
    expect(slack.texts.length).toBeGreaterThanOrEqual(receiver.processed.size);
    const published = agent.received.map(({ message }) => String(message.id));
    agent.close();
    expect([...receiver.processed.keys()].sort()).toEqual([...new Set(published)].sort());
    expect(published.length).toBe(new Set(published).size);
    // One that was under way when the process was killed may be sent again, with the id it had before.
    expect(receiver.ids.length).toBeLessThanOrEqual(receiver.processed.size + 3 * 10);
  });

  it('that can never be delivered are dead letters, counted by their queue, while others go on', async () => {
    slack.state = 'gone';
    const before = receiver.processed.size;
    await threat(990);
    await waitFor('the other alert', () => receiver.processed.size === before + 1);
    await waitFor(
      'the dead letter',
      async () => (await house.metric('dead_letters{queue="alerts-slack",code="ALERT.REFUSED"}')) === 1,
    );
    expect(house.service.output).not.toContain(slack.url);
    expect(house.service.output).not.toContain(SECRET);
  });
});
