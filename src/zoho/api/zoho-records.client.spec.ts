import type { PinoLogger } from 'nestjs-pino';
import { loadConfig } from '../../config/load-config.js';
import { AppError } from '../../contracts/errors.js';
import type { Json } from '../../contracts/json.js';
import type { ZohoApiClient, ZohoRequest } from './zoho-api.client.js';
import { type ZohoRead, ZohoRecordsClient } from './zoho-records.client.js';

const READS: readonly ZohoRead[] = [
  { path: 'Accounts/1/Contacts', query: { fields: 'Email' } },
  { path: 'Accounts/1/Deals' },
];
const refusal = new AppError('ZOHO.FORBIDDEN', 'no scope');
const limit = new AppError('ZOHO.RATE_LIMITED', 'too many', { afterMs: 1_000 });
const page = (...ids: string[]) => ({ data: ids.map((id) => ({ id })), info: { more_records: false } });

/** Answers each request with what the test gives, in their order; an AppError is thrown. */
class Wire {
  readonly requests: ZohoRequest[] = [];
  readonly warnings: object[] = [];
  readonly client: ZohoRecordsClient;

  constructor(answers: readonly (Json | AppError)[], environment: Record<string, string> = {}) {
    const rest = [...answers];
    const send = (_slots: number, build: () => ZohoRequest) => {
      this.requests.push(build());
      const body = rest.shift() ?? null;
      if (body instanceof AppError) return Promise.reject(body);
      return Promise.resolve({ status: body === null ? 204 : 200, body });
    };
    const api = { send } as unknown as ZohoApiClient;
    const logger = { warn: (fields: object) => this.warnings.push(fields) } as unknown as PinoLogger;
    this.client = new ZohoRecordsClient(api, loadConfig(environment), logger);
  }

  get paths(): string[] {
    return this.requests.map(({ path }) => path);
  }
}

const part = (status_code: number, body: Json = null) => ({ details: { response: { status_code, body } } });
const composite = (...parts: Json[]) => ({ __composite_requests: parts });
const ALONE = READS.map(({ path }) => path);

describe('several reads of Zoho in one request', () => {
  it('have their answers in their order', async () => {
    const wire = new Wire([composite(part(200, page('7')), part(204))]);
    expect(await wire.client.readTogether(READS)).toEqual([
      { records: [{ id: '7' }], hasMore: false },
      'none',
    ]);
    expect(wire.requests).toMatchObject([
      {
        method: 'POST',
        body: {
          __composite_requests: [
            { sub_request_id: 'r1', uri: '/crm/v8/Accounts/1/Contacts', params: { fields: 'Email' } },
            { sub_request_id: 'r2', uri: '/crm/v8/Accounts/1/Deals', params: {} },
          ],
        },
      },
    ]);
  });

  it('tell a refusal of one from a fault, which is asked again alone', async () => {
    const refused = new Wire([composite(part(403), part(200, page()))]);
    expect(await refused.client.readTogether(READS)).toMatchObject(['refused', { records: [] }]);
    expect(refused.requests).toHaveLength(1);
    for (const status of [429, 500]) {
      const faulty = new Wire([composite(part(status), part(204)), page('7'), null]);
      expect(await faulty.client.readTogether(READS)).toEqual([
        { records: [{ id: '7' }], hasMore: false },
        'none',
      ]);
      expect(faulty.paths).toEqual(['__composite_requests', ...ALONE]);
    }
  });

  it.each([
    ['nothing', null],
    ['a list', []],
    ['something else', { data: [] }],
    ['fewer answers than reads', composite(part(204))],
    ['more answers than reads', composite(part(204), part(204), part(204))],
    ['an answer without a response', composite(part(204), { details: {} })],
    ['an answer that is a text', composite('r1', 'r2')],
    ['a status that is a text', composite(part(204), { details: { response: { status_code: '200' } } })],
  ] as [string, Json][])(
    'are read one by one where Zoho answers with %s: none is taken for another',
    async (_what, odd) => {
      const wire = new Wire([odd, page('7'), refusal]);
      expect(await wire.client.readTogether(READS)).toEqual([
        { records: [{ id: '7' }], hasMore: false },
        'refused',
      ]);
      expect(wire.paths).toEqual(['__composite_requests', ...ALONE]);
      expect(wire.warnings).toEqual([{ reason: 'its answer is not understood' }]);
    },
  );

  it('are not tried for a while after they were refused, nor where their slots are not ours', async () => {
    const wire = new Wire([refusal]);
    await wire.client.readTogether(READS);
    await wire.client.readTogether(READS);
    expect(wire.paths).toEqual(['__composite_requests', ...ALONE, ...ALONE]);
    const few = new Wire([], { ZOHO_CONCURRENCY: '4' });
    await few.client.readTogether(READS);
    expect(few.paths).toEqual(ALONE);
  });

  it('come back together after a limit', async () => {
    const wire = new Wire([limit]);
    await expect(wire.client.readTogether(READS)).rejects.toBe(limit);
    const alone = new Wire([limit]);
    await expect(alone.client.readTogether(READS.slice(0, 1))).rejects.toBe(limit);
    expect(alone.paths).toEqual(ALONE.slice(0, 1));
  });
});

describe('lists of Zoho', () => {
  const all = async (wire: Wire, since?: Date) => {
    const ids: string[] = [];
    for await (const { id } of wire.client.list('Deals', ['Stage'], since)) ids.push(id);
    return ids;
  };

  it('are followed by their token as long as there is more', async () => {
    const more = {
      data: [{ id: '1' }, { id: 'x' }, null],
      info: { more_records: true, next_page_token: 't' },
    };
    const wire = new Wire([more, page('2')]);
    expect(await all(wire, new Date(0))).toEqual(['1', '2']);
    expect(wire.requests.map(({ query, ifModifiedSince }) => [query?.page_token, ifModifiedSince])).toEqual([
      [undefined, new Date(0)],
      ['t', new Date(0)],
    ]);
  });

  it.each([[null], [[]], [{ data: 'none', info: [] }]] as Json[][])('of %j are empty', async (body) => {
    expect(await all(new Wire([body ?? null]))).toEqual([]);
  });

  it('of what was deleted go over all pages', async () => {
    const deleted = { id: '1', deleted_time: '2026-03-04T10:00:00+00:00' };
    const wire = new Wire([{ data: [deleted], info: { more_records: true } }, { data: [{ id: '2' }] }]);
    expect(await wire.client.deleted('Deals', new Date(0))).toEqual([
      { id: '1', deletedAt: '2026-03-04T10:00:00+00:00' },
      { id: '2', deletedAt: null },
    ]);
    expect(wire.requests.map(({ query }) => query?.page)).toEqual(['1', '2']);
  });
});
