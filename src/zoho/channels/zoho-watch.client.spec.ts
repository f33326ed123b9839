import type { Json } from '../../contracts/json.js';
import type { ZohoApiClient, ZohoRequest } from '../api/zoho-api.client.js';
import { ZohoWatchClient } from './zoho-watch.client.js';

const CHANNEL = { id: '1000000068001', events: ['Deals.all'], notifyUrl: 'https://x.example', token: 't' };
const EARLY = '2026-03-10T10:00:00+00:00';
const LATE = '2026-03-11T10:00:00+05:30';

function clientOf(...answers: Json[]) {
  const requests: ZohoRequest[] = [];
  const send = (_slots: number, build: () => ZohoRequest) => {
    requests.push(build());
    return Promise.resolve({ status: 200, body: answers.shift() ?? null });
  };
  return { client: new ZohoWatchClient({ send } as unknown as ZohoApiClient), requests };
}

describe('what Zoho makes of a channel', () => {
  const watched = (...expiries: Json[]) => ({
    code: 'SUCCESS',
    details: { events: expiries.map((channel_expiry) => ({ channel_expiry })) },
  });
  const outcome = async (item: Json) => (await clientOf({ watch: [item] }).client.watch([CHANNEL]))[0];

  it('holds as long as the first of its events', async () => {
    expect(await outcome(watched(LATE, EARLY, 'never', null))).toEqual({
      ...{ type: 'watched', expiresAt: '2026-03-10T10:00:00.000Z' },
    });
  });

  it.each([
    ['the refusal', { code: 'INVALID_DATA', message: 'bad url' }, 'INVALID_DATA', 'bad url'],
    ['a refusal without a word', { code: 'NOT_SUBSCRIBED' }, 'NOT_SUBSCRIBED', 'no reason given'],
    ['an answer without a code', { status: 'success' }, 'NO_ANSWER', 'no reason given'],
    ['a success without details', { code: 'SUCCESS' }, 'NO_EXPIRY', expect.stringContaining('expires')],
    ['a success without a time', watched(), 'NO_EXPIRY', expect.stringContaining('expires')],
    ['a success whose time is none', watched('soon', {}), 'NO_EXPIRY', expect.stringContaining('expires')],
    ['details that are a list', { code: 'SUCCESS', details: [] }, 'NO_EXPIRY', expect.anything()],
    ['events that are none', { code: 'SUCCESS', details: { events: 'all' } }, 'NO_EXPIRY', expect.anything()],
    ['an item that is a text', 'SUCCESS', 'NO_ANSWER', expect.anything()],
  ] as const)(
    'is refused, although the answer was a 2xx, where that holds %s',
    async (_what, item, code, reason) => {
      expect(await outcome(item as Json)).toEqual({ type: 'refused', code, reason });
    },
  );

  it.each([[null], [[]], [{}], [{ watch: 'all' }], [{ watch: [] }]] as Json[][])(
    'is refused for each where the answer is %j',
    async (body) => {
      const outcomes = await clientOf(body ?? null).client.watch([CHANNEL, { ...CHANNEL, id: '2' }]);
      expect(outcomes.map(({ type }) => type)).toEqual(['refused', 'refused']);
    },
  );

  it('shows the beginning of a long reason only', async () => {
    expect(await outcome({ code: 'X', message: 'y'.repeat(5_000) })).toMatchObject({
      reason: 'y'.repeat(200),
    });
  });
});

describe('the channels of Zoho', () => {
  it('are listed over all pages, without their tokens, as far as they have an id', async () => {
    const item = { channel_id: 1000000068001, token: 'secret', notify_url: 'https://x.example' };
    const first = {
      watch: [{ ...item, events: ['Deals.all', null], channel_expiry: EARLY }],
      info: { more_records: true },
    };
    const second = {
      watch: [{ channel_id: '2', events: 'all', channel_expiry: 'soon' }, { notify_url: 'x' }, null],
    };
    const { client, requests } = clientOf(first, second);
    expect(await client.list()).toEqual([
      {
        ...{ id: '1000000068001', events: ['Deals.all'], notifyUrl: 'https://x.example' },
        expiresAt: '2026-03-10T10:00:00.000Z',
      },
      { id: '2', events: [], notifyUrl: null, expiresAt: null },
    ]);
    expect(requests.map(({ query }) => query?.page)).toEqual(['1', '2']);
  });

  it('are read for fifty pages at most, whatever Zoho says', async () => {
    const { client, requests } = clientOf(
      ...Array.from({ length: 99 }, () => ({ info: { more_records: true } })),
    );
    expect(await client.list()).toEqual([]);
    expect(requests).toHaveLength(50);
  });

  it.each([
    [{ watch: [{ code: 'SUCCESS' }] }, true],
    [{ watch: [{ code: 'NOT_SUBSCRIBED' }] }, false],
    [null, false],
  ] as [Json, boolean][])('are silenced where Zoho answers %j: %s', async (body, had) => {
    expect(await clientOf(body).client.unwatch('2')).toBe(had);
  });
});
