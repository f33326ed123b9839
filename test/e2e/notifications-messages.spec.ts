import { gongCall, gongTracker } from '../factories/gong-call.factory.js';
import { GongHouse } from '../support/gong-house.js';
import { messageValidator } from '../support/message-validator.js';
import { type ReceivedMessage, subscribe } from '../support/subscriber.js';
import { waitFor } from '../support/wait-for.js';

/** Those of Zoho are in crm-write-back.spec.ts, beside the service that has a CRM. */
const CHANNELS = ['calls', 'emails', 'meetings', 'insights', 'actions', 'errors', 'priority:high'].map(
  (name) => `sophia:gong:${name}`,
);

describe('GET /docs/messages', () => {
  let house: GongHouse;
  let received: readonly ReceivedMessage[];

  beforeAll(async () => {
    house = await GongHouse.open();
    const agent = await subscribe(house.redis.url);
    const trackers = [
      gongTracker('Churn risk', { 'not renew': 2 }),
      gongTracker('Competitors (tracker)', { Fabrikam: 2 }),
    ];
    await house.postCall({ seed: 801, trackers, metaData: { title: 'Contoso: renewal at risk?' } });
    await house.postCall({ seed: 802, isPrivate: true });
    await house.postCall({ seed: 803, trackers: [] });
    await house.post('{"amount":1}');
    await house.postTo('/webhook/gong/meetings', JSON.stringify(gongCall({ seed: 804, trackers })));
    await house.postTo(
      '/webhook/gong/emails',
      JSON.stringify({
        ...{ emailId: 'mail-1', direction: 'inbound', subject: 'Contract', from: 'dana@contoso.example' },
        ...{ to: ['sam@northwind.example'], cc: [], sentAt: new Date().toISOString() },
        body: 'Hi Sam,\n\nCould you please send me the signed contract by Friday?\n\nDana',
      }),
    );
    const heard = () => new Set(agent.received.map(({ channel }) => channel));
    await waitFor('messages of each kind', () => CHANNELS.every((name) => heard().has(name)));
    await waitFor('all calls', () => {
      return agent.received.filter(({ channel }) => channel === 'sophia:gong:calls').length >= 3;
    });
    agent.close();
    received = agent.received;
  });
  afterAll(() => house.close());

  it('is a JSON Schema, served as one', async () => {
    const answer = await fetch(`${house.service.url}/docs/messages`);
    expect(answer.headers.get('content-type')).toBe('application/schema+json');
    expect(await answer.json()).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema' });
  });

  it('describes every message that Gong makes us publish, on each channel', async () => {
    const validator = await messageValidator(house.service.url);
    for (const { message } of received) {
      expect({ message, problems: validator.problems(message) }).toEqual({ message, problems: [] });
    }
  });

  it('would refuse a message that lacks a field, has one too many, or an error without its code', async () => {
    const { problems } = await messageValidator(house.service.url);
    const message = received.find(({ channel }) => channel === 'sophia:gong:errors')?.message ?? {};
    expect(problems(message)).toEqual([]);
    const { summary: _summary, ...withoutSummary } = message;
    const { error: _error, ...withoutError } = message;
    for (const wrong of [
      withoutSummary,
      withoutError,
      { ...message, body: '{}' },
      { ...message, type: 'x' },
    ]) {
      expect(problems(wrong)).not.toEqual([]);
    }
  });
});
