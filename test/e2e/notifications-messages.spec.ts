import addFormats from 'ajv-formats';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { gongTracker } from '../factories/gong-call.factory.js';
import { GongHouse } from '../support/gong-house.js';
import { subscribe } from '../support/subscriber.js';
import { waitFor } from '../support/wait-for.js';

interface Schema {
  [keyword: string]: unknown;
}

/** The schema with every object closed, so that a field which is not documented fails. Ours only: agents must take new fields. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema as Schema).map(([key, value]) => [key, closed(value)] as const);
  const isWhole = 'properties' in schema && 'type' in schema;
  return Object.fromEntries([...entries, ...(isWhole ? [['additionalProperties', false] as const] : [])]);
}

describe('GET /docs/messages', () => {
  let house: GongHouse;
  beforeAll(async () => {
    house = await GongHouse.open();
  });
  afterAll(() => house.close());

  it('is the JSON Schema of every message that is really published', async () => {
    const answer = await fetch(`${house.service.url}/docs/messages`);
    expect(answer.headers.get('content-type')).toBe('application/schema+json');
    const schema = (await answer.json()) as Schema;
    expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
    const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true });
    addFormats.default(ajv);
    expect(ajv.validateSchema(schema)).toBe(true);
    const validate = ajv.compile(closed(schema) as Schema);

    const agent = await subscribe(house.redis.url);
    const trackers = [
      gongTracker('Churn risk', { 'not renew': 2 }),
      gongTracker('Competitors (tracker)', { Fabrikam: 2 }),
    ];
    await house.postCall({ seed: 801, trackers, metaData: { title: 'Contoso: renewal at risk?' } });
    await house.postCall({ seed: 802, isPrivate: true });
    await house.postCall({ seed: 803, trackers: [] });
    await house.post('{"amount":1}');
    await waitFor('messages of each kind', () => {
      const types = agent.received.map(({ message: { type } }) => type);
      const calls = types.filter((type) => type === 'call').length;
      return calls >= 4 && types.includes('insight') && types.includes('error');
    });
    agent.close();
    for (const { message } of agent.received) {
      expect({ message, errors: validate(message) ? [] : validate.errors }).toEqual({ message, errors: [] });
    }
  });

  it('would refuse a message that lacks a field, has one too many, or an error without its code', async () => {
    const schema = (await (await fetch(`${house.service.url}/docs/messages`)).json()) as Schema;
    const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
    addFormats.default(ajv);
    const validate = ajv.compile(closed(schema) as Schema);
    const agent = await subscribe(house.redis.url, 'sophia:gong:errors');
    await house.post('{"amount":2}');
    const message = await waitFor('the message', () => agent.received[0]?.message);
    agent.close();
    expect(validate(message)).toBe(true);
    const { summary: _summary, ...withoutSummary } = message;
    const { error: _error, ...withoutError } = message;
    for (const wrong of [
      withoutSummary,
      withoutError,
      { ...message, body: '{}' },
      { ...message, type: 'x' },
    ]) {
      expect(validate(wrong)).toBe(false);
    }
  });
});
