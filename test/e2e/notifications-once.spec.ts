import { Redis } from 'ioredis';
import { gongCall, gongTracker } from '../factories/gong-call.factory.js';
import { answerBody, GongHouse } from '../support/gong-house.js';
import { type ReceivedMessage, subscribe } from '../support/subscriber.js';
import { waitFor } from '../support/wait-for.js';

const CHURN = gongTracker('Churn risk', { 'not renew': 2 });
const COMPETITOR = gongTracker('Competitors (tracker)', { Fabrikam: 2 });

const on = (received: readonly ReceivedMessage[], name: string) =>
  received.filter(({ channel }) => channel === `sophia:gong:${name}`).map(({ message }) => message);

describe('agents hear once', () => {
  let house: GongHouse;
  let redis: Redis;
  beforeAll(async () => {
    house = await GongHouse.open();
    redis = new Redis(house.redis.url);
  });
  afterAll(async () => {
    redis.disconnect();
    await house.close();
  });

  const processed = () =>
    house.service.output.split('\n').filter((line) => line.includes('"event.processed"')).length;

  it('though the webhook comes again after the time in which repeats are known', async () => {
    const agent = await subscribe(house.redis.url);
    const body = JSON.stringify(
      gongCall({ seed: 601, trackers: [CHURN], metaData: { title: 'Contoso: renewal at risk?' } }),
    );
    const before = processed();
    expect(answerBody(await house.post(body)).status).toBe('accepted');
    await waitFor('the event to be processed', () => processed() === before + 1);
    const dedupeKeys = await redis.keys('{tributary}:events:de:*');
    await redis.del(...dedupeKeys);
    expect(answerBody(await house.post(body)).status).toBe('accepted');
    await waitFor('the event to be processed again', () => processed() === before + 2);
    await waitFor('the messages', () => agent.received.length >= 4);
    agent.close();
    expect(agent.received.map(({ channel }) => channel)).toEqual([
      'sophia:gong:calls',
      'sophia:gong:priority:high',
      'sophia:gong:insights',
      'sophia:gong:insights',
    ]);
  });

  it('of each insight, and again of the call only when there is a new one', async () => {
    const agent = await subscribe(house.redis.url);
    const call = (trackers: (typeof CHURN)[], duration: number) =>
      JSON.stringify(
        gongCall({ seed: 602, trackers, metaData: { id: '602602602', title: 'Review', duration } }),
      );
    const before = processed();
    await house.post(call([CHURN], 600));
    await waitFor('the first', () => processed() === before + 1);
    await house.post(call([CHURN], 601));
    await waitFor('an update without news', () => processed() === before + 2);
    await house.post(call([CHURN, COMPETITOR], 602));
    await waitFor('an update with news', () => processed() === before + 3);
    await waitFor('the messages', () => on(agent.received, 'insights').length === 2);
    agent.close();
    const [first, second, ...others] = on(agent.received, 'calls');
    expect(others).toEqual([]);
    expect(first).not.toHaveProperty('supersedes');
    expect(second).toMatchObject({ supersedes: first?.id, subject: { id: '602602602' } });
    const kinds = on(agent.received, 'insights').map(
      ({ insights }) => (insights as { kind: string }[])[0]?.kind,
    );
    expect(kinds).toEqual(['churn_risk', 'competitor']);
  });

  it('on every channel, though the process is killed again and again', async () => {
    const agent = await subscribe(house.redis.url);
    const acknowledged = new Set<string>();
    for (let round = 0; round < 4; round += 1) {
      const heard = agent.received.length;
      const sending = Array.from({ length: 25 }, async (_item, index) => {
        const call = gongCall({ seed: 6100 + round * 100 + index, trackers: [CHURN, COMPETITOR] });
        const answer = await house.post(JSON.stringify(call)).catch(() => undefined);
        if (answer?.status === 200) acknowledged.add(answerBody(answer).eventIds[0] ?? '');
      });
      // Each round dies in the middle of telling, a little later than the one before.
      await waitFor('some messages', () => agent.received.length > heard + round * 7, { intervalMs: 1 });
      await house.service.kill9();
      await Promise.all(sending);
      await house.service.start();
    }
    const told = () => new Set(on(agent.received, 'calls').map(({ eventId }) => eventId));
    await waitFor('every event to be told', () => [...acknowledged].every((id) => told().has(id)));
    await waitFor('its insights too', () => {
      return on(agent.received, 'insights').length >= 2 * on(agent.received, 'calls').length;
    });
    agent.close();
    const heard = agent.received.map(({ channel, message }) => `${channel} ${String(message.id)}`);
    expect(heard.length).toBe(new Set(heard).size);
    expect(on(agent.received, 'insights')).toHaveLength(2 * on(agent.received, 'calls').length);
    expect(await redis.xlen('{sophia}:gong:insights:log')).toBeGreaterThanOrEqual(
      on(agent.received, 'insights').length,
    );
  });
});
