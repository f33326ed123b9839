import fc from 'fast-check';
import { loadConfig } from '../config/load-config.js';
import { AppError } from '../contracts/errors.js';
import type { EnrichedRecord } from '../contracts/conversation.js';
import type { VendorEvent } from '../contracts/event.js';
import type { VerifiedSender } from '../contracts/ports/vendor-adapter.port.js';
import { GongAdapter } from './gong.adapter.js';
import { GongEnricher } from './gong-enricher.js';
import { GongTokenVerifier } from './gong-token.verifier.js';

const adapterWith = (environment: Record<string, string> = {}) => {
  const config = loadConfig(environment);
  const nobodyAsked = { find: () => Promise.reject(new Error('nobody is to be asked')) };
  const enricher = new GongEnricher(config, { areConfigured: false }, nobodyAsked, nobodyAsked);
  return new GongAdapter(new GongTokenVerifier(config), enricher);
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

const read = (body: string, sender = SENDER) =>
  adapter.read('call', { body: Buffer.from(body), headers: {}, url: '' }, sender);

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

/** The record of an event that is a conversation. */
async function recordOf(event: VendorEvent, by = adapter): Promise<EnrichedRecord> {
  const enriched = await by.enrich(event, 0);
  if (enriched.type !== 'conversation') throw new Error('not a conversation');
  return enriched.record;
}

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
    const record = await recordOf(eventOf(call({ title: 'Renewal' }, { parties, content: { trackers } })));
    expect(record.conversation.trackers.map(({ name }) => name)).toEqual(['Competitors (tracker)']);
    expect(record.conversation.parties).toEqual([
      { id: '1', name: 'Phone Caller #4', emailAddress: null, title: null, side: 'unknown', speakerId: null },
    ]);
  });

  it('takes null and missing fields as absent, and counts fields of a wrong type', async () => {
    const record = await recordOf(eventOf(call({ title: 17, url: null, duration: 'long' })));
    expect(record.unusableFields).toEqual(['callData.metaData.title', 'callData.metaData.duration']);
    expect(record.conversation.title).toBeNull();
    expect(record.dataQuality).toBeLessThan(0.5);
  });

  it('turns times with an offset and microseconds into UTC', async () => {
    const record = await recordOf(eventOf(call({ started: '2026-03-04T10:02:41.318205-05:00' })));
    expect(record.occurredAt).toBe('2026-03-04T15:02:41.318Z');
  });

  it('withholds private calls, unless configured', async () => {
    const event = eventOf(call({ title: 'Secret', url: 'https://x.example' }, {}, { isPrivate: true }));
    const withheld = await recordOf(event);
    expect(withheld).toMatchObject({ isWithheld: true, subject: { title: null, url: null, account: null } });
    expect(JSON.stringify(adapter.enhancedRows(event, withheld, null))).not.toContain('Secret');
    const shown = await recordOf(event, adapterWith({ GONG_INCLUDE_PRIVATE_CALLS: 'true' }));
    expect(shown).toMatchObject({ isWithheld: false, subject: { title: 'Secret' } });
  });

  it('makes a body that names no call a dead letter', async () => {
    await expect(adapter.enrich(eventOf('{"callData":{"metaData":{}}}'), 0)).rejects.toMatchObject({
      code: 'PAYLOAD.NOT_UNDERSTOOD',
      retry: 'never',
    });
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
          adapter.enhancedRows(event, await recordOf(event), null);
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
        }
      }),
    );
  });
});

describe('GongAdapter with e-mails and meetings', () => {
  const EMAIL = {
    emailId: 'mail-1',
    threadId: 'thread-1',
    subject: 'Cancellation of our contract',
    from: 'dana@contoso.example',
    to: ['sam@northwind.example'],
    cc: [],
    sentAt: '2026-03-04T10:00:00-05:00',
    direction: 'inbound',
    body: 'We will not renew.',
    account: { id: '42', name: 'Contoso' },
  };
  const emailEvent = { ...eventOf(JSON.stringify(EMAIL)), kind: 'email' as const };

  it('names an e-mail by its id', () => {
    const request = { body: Buffer.from(JSON.stringify(EMAIL)), headers: {}, url: '' };
    expect(adapter.read('email', request, SENDER)).toEqual({
      type: 'events',
      events: [{ identity: 'gong-email-mail-1-hash', changeId: 'email:mail-1', objectId: 'mail-1' }],
    });
  });

  it('makes the row of an e-mail', async () => {
    const record = await recordOf(emailEvent);
    expect(record).toMatchObject({ dataQuality: 1, occurredAt: '2026-03-04T15:00:00.000Z' });
    expect(adapter.enhancedRows(emailEvent, record, null)).toMatchObject([
      {
        table: 'GONG_EMAILS_ENHANCED',
        values: {
          EMAIL_ID: 'mail-1',
          FROM_ADDRESS: 'dana@contoso.example',
          TO_ADDRESSES: '["sam@northwind.example"]',
          ACCOUNT_ID: '42',
          BODY_TEXT: 'We will not renew.',
        },
      },
    ]);
  });

  it('takes what is usable of odd recipients, and reports the rest', async () => {
    const odd = { ...EMAIL, to: ['sam@northwind.example', 7], cc: { all: true } };
    const record = await recordOf({ ...emailEvent, body: JSON.stringify(odd) });
    expect(record.unusableFields).toEqual(['to[1]', 'cc']);
    expect(record.conversation.parties.map(({ emailAddress }) => emailAddress)).toEqual([
      'dana@contoso.example',
      'sam@northwind.example',
    ]);
  });

  it('makes the row of a meeting from the body of a call', async () => {
    const event = {
      ...eventOf(call({ started: '2026-03-04T10:00:00Z', duration: 90.4, title: 'QBR' })),
      kind: 'meeting' as const,
    };
    expect(adapter.enhancedRows(event, await recordOf(event), null)).toMatchObject([
      {
        table: 'GONG_MEETINGS_ENHANCED',
        values: {
          TITLE: 'QBR',
          STARTS_AT: '2026-03-04T10:00:00.000Z',
          ENDS_AT: '2026-03-04T10:01:30.400Z',
          DURATION_SECONDS: 90,
        },
      },
    ]);
  });

  it('makes an e-mail without an id a dead letter', async () => {
    await expect(adapter.enrich({ ...emailEvent, body: '{"subject":"x"}' }, 0)).rejects.toMatchObject({
      code: 'PAYLOAD.NOT_UNDERSTOOD',
    });
  });

  it('gives a recorded web meeting a row of a call and one of a meeting', async () => {
    const tables = async (metaData: object) => {
      const event = eventOf(call(metaData));
      return adapter.enhancedRows(event, await recordOf(event), null).map(({ table }) => table);
    };
    const both = ['GONG_CALLS_ENHANCED', 'GONG_MEETINGS_ENHANCED'];
    expect(await tables({ direction: 'Conference', calendarEventId: 'x@google.com' })).toEqual(both);
    expect(await tables({ direction: 'Conference' })).toEqual(['GONG_CALLS_ENHANCED']);
    expect(await tables({ direction: 'Outbound', calendarEventId: 'x' })).toEqual(['GONG_CALLS_ENHANCED']);
  });

  it('says of no event without credentials that an API is asked', () => {
    expect(
      [eventOf(call({})), emailEvent, { ...eventOf('{}'), objectId: null }].map((event) =>
        adapter.asksApi(event),
      ),
    ).toEqual([false, false, false]);
  });
});
