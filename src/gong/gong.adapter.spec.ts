import fc from 'fast-check';
import { loadConfig } from '../config/load-config.js';
import { AppError } from '../contracts/errors.js';
import type { VendorEvent } from '../contracts/event.js';
import type { VerifiedSender } from '../contracts/ports/vendor-adapter.port.js';
import { GongAdapter } from './gong.adapter.js';
import { GongTokenVerifier } from './gong-token.verifier.js';

const adapterWith = (environment: Record<string, string> = {}) => {
  const config = loadConfig(environment);
  return new GongAdapter(new GongTokenVerifier(config), config);
};
const adapter = adapterWith();

const SENDER: VerifiedSender = {
  signingKeyId: 'k',
  bodySha256: 'hash',
  deliveryFingerprint: 'delivery',
  replayableForSeconds: 60,
};

const call = (metaData: object, more: object = {}, envelope: object = {}) =>
  JSON.stringify({
    callData: { metaData: { id: '81234567890123456789', ...metaData }, ...more },
    isTest: false,
    ...envelope,
  });

const eventOf = (body: string): VendorEvent => ({
  schemaVersion: 1,
  eventId: 'e'.repeat(64),
  changeId: 'call:81234567890123456789',
  vendor: 'gong',
  kind: 'call',
  objectId: '81234567890123456789',
  body,
  bodyEncoding: 'utf8',
  bodySha256: 'hash',
  headers: {},
  signingKeyId: 'k',
  correlationId: 'correlation',
  receivedAt: '2026-03-04T15:40:00.000Z',
});

const read = (body: string, sender = SENDER) => adapter.read('call', Buffer.from(body), sender);

describe('GongAdapter.read', () => {
  it('keeps ids of 20 digits exact', () => {
    expect(read(call({}))).toMatchObject({
      events: [{ objectId: '81234567890123456789', changeId: 'call:81234567890123456789' }],
    });
  });

  it('gives a changed body of the same call another identity and the same change id', () => {
    const first = read(call({}), { ...SENDER, bodySha256: 'one' });
    const second = read(call({}), { ...SENDER, bodySha256: 'two' });
    expect(first).not.toEqual(second);
    expect(
      [first, second].map((result) => (result.type === 'events' ? result.events[0]?.changeId : '')),
    ).toEqual(['call:81234567890123456789', 'call:81234567890123456789']);
  });

  it('recognises a test delivery, although it carries the id of a real call', () => {
    expect(read(call({}, {}, { isTest: true }))).toEqual({ type: 'test' });
  });

  it('takes a body it does not understand as an event, recognised again by its delivery only', () => {
    expect(read('{"something":"else"}')).toEqual({
      type: 'events',
      events: [{ identity: 'gong-unknown-delivery', changeId: null, objectId: null }],
    });
  });

  it('refuses a body that is not JSON', () => {
    expect(() => read('{"open":')).toThrow(expect.objectContaining({ code: 'PAYLOAD.NOT_JSON' }) as Error);
  });

  it('reads any JSON without an error of its own', () => {
    fc.assert(
      fc.property(fc.json(), (body) => {
        expect(['test', 'events']).toContain(read(body).type);
      }),
    );
  });
});

describe('GongAdapter.enrich', () => {
  const trackers = [
    {
      id: '1',
      name: 'Competitors (tracker)',
      count: 2,
      type: 'KEYWORD',
      phrases: [{ count: 2, phrase: 'Fabrikam' }],
    },
    { id: '2', name: 'Objections (tracker)', count: 0, type: 'KEYWORD' },
  ];

  it('drops trackers that did not fire and keeps callers without speaker', async () => {
    const parties = [
      { id: '1', name: 'Phone Caller #4', speakerId: null, affiliation: 'Unknown', context: [] },
    ];
    const record = await adapter.enrich(
      eventOf(call({ title: 'Renewal' }, { parties, content: { trackers } })),
    );
    expect(record.conversation.trackers.map(({ name }) => name)).toEqual(['Competitors (tracker)']);
    expect(record.conversation.parties).toEqual([
      { id: '1', name: 'Phone Caller #4', emailAddress: null, title: null, side: 'unknown', speakerId: null },
    ]);
  });

  it('takes null and missing fields as absent, and counts fields of a wrong type', async () => {
    const record = await adapter.enrich(eventOf(call({ title: 17, url: null, duration: 'long' })));
    expect(record.unusableFields).toEqual(['callData.metaData.title', 'callData.metaData.duration']);
    expect(record.conversation.title).toBeNull();
    expect(record.dataQuality).toBeLessThan(0.5);
  });

  it('turns times with an offset and microseconds into UTC', async () => {
    const record = await adapter.enrich(eventOf(call({ started: '2026-03-04T10:02:41.318205-05:00' })));
    expect(record.occurredAt).toBe('2026-03-04T15:02:41.318Z');
  });

  it('withholds private calls, unless configured', async () => {
    const event = eventOf(call({ title: 'Secret', url: 'https://x.example' }, {}, { isPrivate: true }));
    const withheld = await adapter.enrich(event);
    expect(withheld).toMatchObject({ isWithheld: true, subject: { title: null, url: null, account: null } });
    expect(JSON.stringify(adapter.enhancedRow(event, withheld, null))).not.toContain('Secret');
    const shown = await adapterWith({ GONG_INCLUDE_PRIVATE_CALLS: 'true' }).enrich(event);
    expect(shown).toMatchObject({ isWithheld: false, subject: { title: 'Secret' } });
  });

  it('makes a body that names no call a dead letter', () => {
    expect(() => adapter.enrich(eventOf('{"callData":{"metaData":{}}}'))).toThrow(
      expect.objectContaining({ code: 'PAYLOAD.NOT_UNDERSTOOD', retry: 'never' }) as Error,
    );
  });

  it('reads any payload with a call id, or says that it does not understand', async () => {
    await fc.assert(
      fc.asyncProperty(fc.json(), fc.json(), async (content, parties) => {
        const body = call(
          {},
          { content: JSON.parse(content) as object, parties: JSON.parse(parties) as object },
        );
        try {
          const event = eventOf(body);
          adapter.enhancedRow(event, await adapter.enrich(event), null);
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
        }
      }),
    );
  });
});
