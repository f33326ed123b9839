import fc from 'fast-check';
import { loadConfig } from '../config/load-config.js';
import { AppError } from '../contracts/errors.js';
import type { IncomingEvent, VendorEvent } from '../contracts/event.js';
import type { VerifiedSender } from '../contracts/ports/vendor-adapter.port.js';
import { ZohoAccountEvents } from './accounts/zoho-account.events.js';
import { zohoNotification } from './zoho-notification.js';
import { redactedBody } from './zoho-redaction.js';
import { bodyObject } from './zoho-webhook.body.js';
import { ZohoAdapter } from './zoho.adapter.js';
import { ZohoSignatureVerifier } from './zoho-signature.verifier.js';

const config = loadConfig({});
const nobody = {} as never;
/** Without credentials it ends before it would ask anybody. */
const accountEvents = new ZohoAccountEvents(nobody, nobody, nobody, config);
const adapter = new ZohoAdapter(
  new ZohoSignatureVerifier(config, { idOf: () => Promise.resolve(undefined) }),
  accountEvents,
  config,
);
const SENDER: VerifiedSender = {
  signingKeyId: 'k',
  bodySha256: 'h',
  deliveryFingerprint: null,
  replayableForSeconds: 0,
};
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const JSON_TYPE = { 'content-type': 'application/json' };

const NOTIFICATION = {
  server_time: 1765459013625,
  affected_values: [{ record_id: '6890123000000452033', values: { Stage: 'Closed Won' } }],
  query_params: { secret: 'in-the-address' },
  module: 'Deals',
  resource_uri: 'https://www.zohoapis.com/crm/v2/Deals',
  ids: ['6890123000000452033', '6890123000000452034'],
  affected_fields: [{ '6890123000000452033': ['Stage'] }, { '6890123000000452034': ['Amount', 'Owner'] }],
  operation: 'update',
  channel_id: '1000000068002',
  token: 'a-token-that-verifies',
};

function read(
  body: object | string,
  headers: Record<string, string> = JSON_TYPE,
  sender = SENDER,
): IncomingEvent[] {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const result = adapter.read('record', { body: Buffer.from(text), headers, url: '/webhooks/zoho' }, sender);
  return result.type === 'events' ? [...result.events] : [];
}

const eventOf = (body: object): VendorEvent => ({
  schemaVersion: 1,
  eventId: 'e',
  changeId: null,
  vendor: 'zoho',
  kind: 'record',
  objectId: '6890123000000452033',
  body: JSON.stringify(body),
  bodyEncoding: 'utf8',
  bodySha256: 'h',
  headers: {},
  signingKeyId: 'k',
  correlationId: 'c',
  receivedAt: '2026-03-04T15:40:00.000Z',
});

describe('ZohoAdapter.read', () => {
  it('makes one event of each record, urgent where a critical field changed', () => {
    const events = read(NOTIFICATION);
    expect(events.map(({ objectId, urgency }) => [objectId, urgency])).toEqual([
      ['6890123000000452033', 'routine'],
      ['6890123000000452034', undefined],
    ]);
    expect(events[0]?.changeId).toBe('Deals:6890123000000452033:2025-12-11T13:16:53.625Z');
    expect(new Set(events.map(({ identity }) => identity)).size).toBe(2);
  });

  it('knows a repeated notification again, and a later or another change not', () => {
    const identity = (more: object) => read({ ...NOTIFICATION, ...more })[0]?.identity;
    expect(identity({})).toBe(identity({ token: 'rotated', affected_values: [] }));
    const others = [
      { server_time: 1765459013626 },
      { operation: 'delete' },
      { module: 'Accounts' },
      { affected_fields: [] },
    ];
    for (const more of others) expect(identity(more)).not.toBe(identity({}));
  });

  it('never takes a body without id and time for a repeat, unless its delivery was signed with a time', () => {
    const bare = { module: 'Contacts', operation: 'insert', ids: ['1'] };
    expect(read(bare)[0]?.identity).not.toBe(read(bare)[0]?.identity);
    const signed = { ...SENDER, deliveryFingerprint: 'signed-then' };
    expect(read(bare, JSON_TYPE, signed)[0]?.identity).toBe(read(bare, JSON_TYPE, signed)[0]?.identity);
  });

  it('takes the generic form by its own event id', () => {
    const generic = {
      event_id: 'evt-1',
      event_type: 'Accounts.edit',
      record_id: '42',
      modified_fields: ['Owner'],
    };
    const [event] = read(generic);
    expect(event).toMatchObject({ objectId: '42' });
    expect(event?.identity).toBe(read({ ...generic, data: { more: 1 } })[0]?.identity);
  });

  it('takes a workflow webhook as a form', () => {
    expect(
      read('module=Accounts&operation=update&ids=%5B%221%22%2C%222%22%5D', FORM).map(
        ({ objectId }) => objectId,
      ),
    ).toEqual(['1', '2']);
    expect(read('module=Accounts&id=77', FORM).map(({ objectId }) => objectId)).toEqual(['77']);
  });

  it.each([1765459013625000000, '1765459013625000000', 1e300, -1, 0, 'soon', null, {}])(
    'takes a notification whose server_time is %j for one without a time',
    (serverTime) => {
      const odd = { ...NOTIFICATION, server_time: serverTime };
      expect(read(odd)).toMatchObject([{ changeId: null }, { changeId: null }]);
      expect(adapter.rawRow(eventOf(odd)).values).toMatchObject({ SERVER_TIME: null, MODULE: 'Deals' });
    },
  );

  it('stores neither token nor query parameters', () => {
    const stored = read(NOTIFICATION)[0]?.storedBody?.toString() ?? '';
    expect(JSON.parse(stored)).toEqual({ ...NOTIFICATION, token: '[redacted]', query_params: '[redacted]' });
  });

  it('refuses what is no JSON, and reads any JSON', () => {
    expect(() => read('{"open":')).toThrow(expect.objectContaining({ code: 'PAYLOAD.NOT_JSON' }) as Error);
    fc.assert(fc.property(fc.json(), (body) => expect(read(body).length).toBeGreaterThan(0)));
  });
});

describe('a mass update', () => {
  const ids = Array.from({ length: 5_000 }, (_item, index) => String(6890123000000000000n + BigInt(index)));
  const mass = {
    ...NOTIFICATION,
    ids,
    affected_fields: ids.map((id) => ({ [id]: ['Stage'] })),
    affected_values: ids.map((id) => ({ record_id: id, values: { Stage: `stage of ${id}` } })),
  };

  it('stores with each record what concerns it, and nothing of the others or of the proof', () => {
    const events = read(mass);
    expect(events.map(({ objectId }) => objectId)).toEqual(ids);
    const bytes = events.reduce((sum, { storedBody }) => sum + (storedBody?.length ?? Infinity), 0);
    expect(bytes).toBeLessThan(ids.length * 1_000);
    const stored = events[4_321]?.storedBody ?? Buffer.alloc(0);
    expect(JSON.parse(stored.toString())).toEqual({
      server_time: NOTIFICATION.server_time,
      module: 'Deals',
      resource_uri: NOTIFICATION.resource_uri,
      operation: 'update',
      channel_id: NOTIFICATION.channel_id,
      ids: [ids[4_321]],
      affected_fields: [{ [ids[4_321] ?? '']: ['Stage'] }],
      affected_values: [{ record_id: ids[4_321], values: { Stage: `stage of ${ids[4_321]}` } }],
    });
    expect(read(stored.toString())).toMatchObject([
      { identity: events[4_321]?.identity, changeId: events[4_321]?.changeId, objectId: ids[4_321] },
    ]);
  });
});

describe('ids that came as numbers', () => {
  it('keep all their digits, in every form', () => {
    const bodies = [
      '{"module":"Deals","ids":[6890123000000452033, 6890123000000452035]}',
      '{"module":"Deals","record_ids":[6890123000000452033,6890123000000452035]}',
    ];
    for (const body of bodies) {
      expect(read(body).map(({ objectId }) => objectId)).toEqual([
        '6890123000000452033',
        '6890123000000452035',
      ]);
    }
    expect(read('{"module":"Deals","record_id":6890123000000452033}')[0]?.objectId).toBe(
      '6890123000000452033',
    );
    expect(read('module=Deals&ids=[6890123000000452033]', FORM)[0]?.objectId).toBe('6890123000000452033');
  });

  it('are left alone inside of texts, and where a number holds them', () => {
    const body = {
      quoted: '[ 12345678901234567890 ]',
      escaped: '\\" 12345678901234567890',
      exact: 9007199254740991,
      float: 0.1234567890123456789,
    };
    const text = `${JSON.stringify(body).slice(0, -1)},"long":-12345678901234567890,"e":1234567890123456789e3}`;
    expect(bodyObject(Buffer.from(text), JSON_TYPE)).toEqual({
      ...body,
      long: '-12345678901234567890',
      e: 1234567890123456789e3,
    });
  });

  it('change nothing else of any JSON', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (body) => {
        const text = `{"id":12345678901234567890,"body":${JSON.stringify(body)}}`;
        const isLong = (value: unknown) => /^-?\d{16,}$/.test(String(value)) && !Number.isSafeInteger(value);
        const expected = JSON.stringify({ id: '12345678901234567890', body }, (_key, value: unknown) =>
          typeof value === 'number' && isLong(value) ? String(value) : value,
        );
        expect(JSON.stringify(bodyObject(Buffer.from(text), JSON_TYPE))).toBe(expected);
      }),
    );
  });
});

describe('redactedBody', () => {
  const redacted = (body: Buffer | string, headers: Record<string, string> = JSON_TYPE) =>
    redactedBody(Buffer.from(body), headers, bodyObject(Buffer.from(body), headers));

  it('leaves every other byte as it was', () => {
    const text =
      '{ "amount":0.0 ,"token" : "s3cret","nested":{"token":"stays"},\n "id":12345678901234567890, "query_params":{"a":[1,"}"]} }';
    expect(redacted(text).toString()).toBe(
      '{ "amount":0.0 ,"token" : "[redacted]","nested":{"token":"stays"},\n "id":12345678901234567890, "query_params":"[redacted]" }',
    );
  });

  it('leaves bytes that are no UTF-8 as they were', () => {
    const [before, after] = [Buffer.from('{"token":"s3cret","name":"Caf'), Buffer.from([0xe9, 0x22, 0x7d])];
    expect(redacted(Buffer.concat([before, after]))).toEqual(
      Buffer.concat([Buffer.from('{"token":"[redacted]","name":"Caf'), after]),
    );
  });

  it('copes with texts of many megabytes', () => {
    const long = 'a\\"'.repeat(8_000_000);
    expect(redacted(`{"note":"${long}","token":"s3cret"}`).toString().slice(-23)).toBe(
      '","token":"[redacted]"}',
    );
  });

  it('redacts a member that is there twice, twice', () => {
    expect(redacted('{"token":"a","token":"b"}').toString()).toBe(
      '{"token":"[redacted]","token":"[redacted]"}',
    );
  });

  it('finds the members under any spelling of their names', () => {
    expect(redacted('{"tok\\u0065n":"s3cret"}').toString()).toBe('{"tok\\u0065n":"[redacted]"}');
    expect(redacted('a=1&tok%65n=s3cret&b=2', FORM).toString()).toBe('a=1&tok%65n=%5Bredacted%5D&b=2');
  });

  it('gives the same JSON but for the two members', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('token', 'query_params')), fc.jsonValue()),
        (body) => {
          const expected = Object.fromEntries(
            Object.entries(body).map(([key, value]) => [
              key,
              ['token', 'query_params'].includes(key) ? '[redacted]' : value,
            ]),
          );
          const actual = JSON.parse(redacted(JSON.stringify(body)).toString()) as object;
          expect(JSON.stringify(actual)).toBe(JSON.stringify(expected));
        },
      ),
    );
  });
});

describe('zohoNotification', () => {
  it.each([
    ['insert', 'create'],
    ['update', 'update'],
    ['edit', 'update'],
    ['delete', 'delete'],
    ['restore', 'restore'],
    ['explode', null],
  ])('calls %s %s', (wire, ours) => {
    expect(zohoNotification({ module: 'Deals', operation: wire }).operation).toBe(ours);
  });

  it.each([
    ['accounts', 'Accounts'],
    ['Meetings', 'Events'],
    ['Contact', 'Contacts'],
    ['Invoices', 'Invoices'],
  ])('calls the module %s %s', (wire, ours) => {
    expect(zohoNotification({ module: wire }).module).toBe(ours);
  });

  it.each([['Accounts.edit'], ['account.updated'], ['account_updated']])(
    'reads module and operation of %s',
    (eventType) => {
      expect(zohoNotification({ event_type: eventType })).toMatchObject({
        module: 'Accounts',
        operation: 'update',
      });
    },
  );
});

describe('ZohoAdapter.enrich', () => {
  it('skips what concerns an account without credentials, ignores other modules, each with a reason', async () => {
    expect(await adapter.enrich(eventOf(NOTIFICATION))).toMatchObject({
      type: 'finished',
      status: 'skipped',
      reason: 'no credentials of Zoho (ZOHO_CLIENT_ID): records are not fetched',
    });
    expect(adapter.asksApi(eventOf(NOTIFICATION))).toBe(false);
    expect(await adapter.enrich(eventOf({ ...NOTIFICATION, module: 'Invoices' }))).toEqual({
      type: 'finished',
      status: 'ignored',
      reason: 'module Invoices concerns no account',
    });
  });

  it('makes a body that names no module a dead letter, with its row', async () => {
    const event = eventOf({ hello: 'world' });
    await expect(adapter.enrich(event)).rejects.toBeInstanceOf(AppError);
    expect(adapter.rawRow(event).values).toMatchObject({
      MODULE: null,
      OPERATION: null,
      BODY: '{"hello":"world"}',
    });
  });
});
