import type { PinoLogger } from 'nestjs-pino';
import { loadConfig } from '../../config/load-config.js';
import { AppError } from '../../contracts/errors.js';
import type { Json } from '../../contracts/json.js';
import type { ZohoApiClient, ZohoRequest } from '../api/zoho-api.client.js';
import { ZohoReconciliation } from './zoho.reconciliation.js';

const SPAN = { since: '2026-03-04T00:00:00.000Z', until: '2026-03-05T00:00:00.000Z' };
const AT = '2026-03-04T10:00:00+00:00';
const CREDENTIALS = { ZOHO_CLIENT_ID: 'i', ZOHO_CLIENT_SECRET: 's', ZOHO_REFRESH_TOKEN: 't' };

/** Answers each request with what the test gives, in their order; an AppError is thrown. */
function comparing(...answers: (Json | AppError)[]) {
  const requests: ZohoRequest[] = [];
  const warnings: object[] = [];
  const send = (_slots: number, build: () => ZohoRequest) => {
    requests.push(build());
    const body = answers.shift() ?? null;
    return body instanceof AppError ? Promise.reject(body) : Promise.resolve({ status: 200, body });
  };
  const logger = { warn: (fields: object) => warnings.push(fields) } as unknown as PinoLogger;
  const api = { send } as unknown as ZohoApiClient;
  return { zoho: new ZohoReconciliation(api, loadConfig(CREDENTIALS), logger), requests, warnings };
}

const record = (id: string, more: object = {}) => ({ id, Created_Time: AT, Modified_Time: AT, ...more });
const listOf = (list: string) => ({ ...SPAN, list });

describe('a page of what Zoho has', () => {
  it('gives each record in the shape of a notification, new ones as inserted', async () => {
    const earlier = '2026-03-01T10:00:00+00:00';
    const { zoho } = comparing({ data: [record('1'), record('2', { Created_Time: earlier, Stage: 'Won' })] });
    const { changes, nextCursor, requests } = await zoho.page(listOf('Deals'), null);
    expect([nextCursor, requests]).toEqual([null, 1]);
    const common = { server_time: Date.parse(AT), module: 'Deals', affected_fields: [] };
    expect(changes.map(({ changeId, body }) => [changeId, body])).toEqual([
      [
        `Deals:1:${AT}`,
        {
          ...{ ...common, ids: ['1'], operation: 'insert' },
          affected_values: [{ record_id: '1', values: { Created_Time: AT, Modified_Time: AT } }],
        },
      ],
      [
        `Deals:2:${AT}`,
        {
          ...{ ...common, ids: ['2'], operation: 'update' },
          affected_values: [
            { record_id: '2', values: { Created_Time: earlier, Modified_Time: AT, Stage: 'Won' } },
          ],
        },
      ],
    ]);
  });

  it('leaves out what changed before or after the span, and what says no time', async () => {
    const odd = ['2026-03-03T23:59:59+00:00', '2026-03-05T00:00:00+00:00', 'soon', null];
    const data = odd.map((time, at) => record(String(at), { Modified_Time: time }));
    const { zoho } = comparing({ data: [...data, record('7', { Modified_Time: SPAN.since }), { id: 'x' }] });
    const { changes } = await zoho.page(listOf('Accounts'), null);
    expect(changes.map(({ objectId }) => objectId)).toEqual(['7']);
  });

  it('knows a task under the name too by which some notifications call it', async () => {
    const { zoho } = comparing({ data: [record('1')] }, { data: [record('1')] });
    const [task] = (await zoho.page(listOf('Tasks'), null)).changes;
    const [deal] = (await zoho.page(listOf('Deals'), null)).changes;
    expect([task?.aliases, deal?.aliases]).toEqual([[`Activities:1:${AT}`], undefined]);
  });

  it('leads to the next one by its token, or for what was deleted by its number', async () => {
    const more = { more_records: true, next_page_token: 't2' };
    const deleted = { data: [{ id: '1', deleted_time: AT }], info: { more_records: true } };
    const { zoho, requests } = comparing({ info: more }, { info: {} }, deleted, deleted);
    expect((await zoho.page(listOf('Deals'), null)).nextCursor).toBe('t2');
    expect((await zoho.page(listOf('Deals'), 't2')).nextCursor).toBeNull();
    const page = await zoho.page(listOf('Deals/deleted'), null);
    expect(page.changes).toMatchObject([{ objectId: '1', body: { operation: 'delete', module: 'Deals' } }]);
    expect(page.nextCursor).toBe('2');
    expect((await zoho.page(listOf('Deals/deleted'), '2')).nextCursor).toBe('3');
    expect(requests.map(({ query }) => query?.page_token ?? query?.page)).toEqual([
      undefined,
      't2',
      '1',
      '2',
    ]);
  });

  it('does not end unseen where Zoho says that there is more, and not where', async () => {
    const { zoho } = comparing({ data: [record('1')], info: { more_records: true } });
    await expect(zoho.page(listOf('Deals'), null)).rejects.toMatchObject({
      code: 'ZOHO.UNAVAILABLE',
      retry: 'backoff',
    });
  });

  it.each([[null], [[]], [{ data: {}, info: [] }]] as Json[][])(
    'is empty where Zoho answers %j',
    async (body) => {
      const { zoho } = comparing(body ?? null);
      expect(await zoho.page(listOf('Deals'), null)).toMatchObject({ changes: [], nextCursor: null });
    },
  );

  it('begins its list again where the token has died of age', async () => {
    const refused = new AppError('ZOHO.REQUEST_REFUSED', 'token expired');
    const { zoho, requests } = comparing(refused, { data: [record('1')] });
    expect((await zoho.page(listOf('Deals'), 'old')).changes).toHaveLength(1);
    expect(requests.map(({ query }) => query?.page_token)).toEqual(['old', undefined]);
  });

  it.each([
    ['a refusal of the first page', 'Deals', null, new AppError('ZOHO.REQUEST_REFUSED', 'no')],
    ['a limit', 'Deals', 't', new AppError('ZOHO.RATE_LIMITED', 'wait', { afterMs: 1 })],
    ['a forbidden module', 'Deals', null, new AppError('ZOHO.FORBIDDEN', 'no scope')],
    [
      'a limit while notes are read',
      'Notes',
      null,
      new AppError('ZOHO.RATE_LIMITED', 'wait', { afterMs: 1 }),
    ],
  ])('fails with %s, so that nothing counts as compared', async (_what, list, cursor, error) => {
    const { zoho, warnings } = comparing(error);
    await expect(zoho.page(listOf(list), cursor)).rejects.toBe(error);
    expect(warnings).toEqual([]);
  });

  it('goes on without the notes that only an administrator may read, and says so', async () => {
    const { zoho, warnings } = comparing(new AppError('ZOHO.FORBIDDEN', 'no permission'));
    expect(await zoho.page(listOf('Notes'), null)).toEqual({ changes: [], requests: 1, nextCursor: null });
    expect(warnings).toEqual([{ reason: 'no permission' }]);
  });
});

describe('what is compared with Zoho', () => {
  it('is every list, and for each but notes what was deleted', async () => {
    const { zoho } = comparing();
    const lists = zoho.slices(SPAN).map(({ list }) => list);
    expect(lists).toEqual(expect.arrayContaining(['Accounts', 'Accounts/deleted', 'Deals', 'Notes']));
    expect(lists).not.toContain('Notes/deleted');
    expect(await zoho.estimate(SPAN)).toEqual({ objects: null, requests: lists.length, daysOfQuota: null });
  });

  it('is nothing without credentials', () => {
    const nobody = {} as never;
    expect(new ZohoReconciliation(nobody, loadConfig({}), nobody).offBecause()).toContain('ZOHO_CLIENT_ID');
    expect(comparing().zoho.offBecause()).toBeNull();
  });
});
