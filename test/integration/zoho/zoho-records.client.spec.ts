import { ZohoApiSimulator } from '../../simulators/zoho/zoho-api.simulator.js';
import { startRedis, type TestRedis } from '../../support/redis-server.js';
import { ZohoParts } from './zoho-parts.js';

describe('records of Zoho', () => {
  let redis: TestRedis;
  let zoho: ZohoApiSimulator;
  let parts: ZohoParts;

  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());
  beforeEach(async () => {
    zoho = await ZohoApiSimulator.start();
    parts = new ZohoParts(redis.url, zoho.environment);
    await parts.redis.flushall();
  });
  afterEach(async () => {
    await parts.close();
    await zoho.stop();
  });

  const accounts = (count: number) =>
    Array.from({ length: count }, (_item, index) =>
      zoho.data.insert('Accounts', { Account_Name: `Account ${index}` }),
    );

  it('are looked up fifty at a time, however many ask at once', async () => {
    const ids = accounts(120);
    const found = await Promise.all(
      [...ids, ids[0] ?? '', '404'].map((id) => parts.lookups.find('Accounts', id, ['Account_Name'])),
    );
    expect(found.map((record) => record?.id)).toEqual([...ids, ids[0], undefined]);
    expect(zoho.apiRequests.map(({ query }) => query.ids?.split(',').length)).toEqual([50, 50, 21]);
  });

  it('fail for those who asked, and for nobody later', async () => {
    const [id = ''] = accounts(1);
    zoho.outage = 500;
    const asked = ['1', '2', id].map((each) => parts.lookups.find('Accounts', each, ['Account_Name']));
    const outcomes = await Promise.allSettled(asked);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    zoho.outage = undefined;
    expect(await parts.lookups.find('Accounts', id, ['Account_Name'])).toMatchObject({ id });
  });

  it('are listed beyond two thousand by page token, each once', async () => {
    const ids = accounts(2_450);
    const seen: string[] = [];
    for await (const { id } of parts.records.list('Accounts', ['Account_Name'])) seen.push(id);
    expect(new Set(seen)).toEqual(new Set(ids));
    expect(seen).toHaveLength(2_450);
    expect(zoho.apiRequests).toHaveLength(13);
  });

  it('are listed since a moment, none where none has changed', async () => {
    accounts(3);
    const listed = async (since: Date) => {
      const seen: string[] = [];
      for await (const { id } of parts.records.list('Accounts', ['Account_Name'], since)) seen.push(id);
      return seen.length;
    };
    expect(await listed(new Date(Date.now() - 3_600_000))).toBe(3);
    expect(await listed(new Date(Date.now() + 3_600_000))).toBe(0);
    expect(zoho.apiRequests.at(-1)?.status).toBe(304);
  });

  it('that were deleted are told, with the time', async () => {
    const [id = ''] = accounts(1);
    zoho.data.delete('Accounts', id);
    const since = new Date(Date.now() - 3_600_000);
    expect(await parts.records.deleted('Accounts', since)).toEqual([{ id, deletedAt: expect.any(String) }]);
    expect(await parts.records.deleted('Deals', since)).toEqual([]);
  });

  it('come by query, their lookups as ids', async () => {
    const [id = ''] = accounts(2);
    zoho.data.insert('Contacts', { Full_Name: 'Jane Roe', Account_Name: { id, name: 'Account 0' } });
    const query = `select Full_Name, Account_Name from Contacts where Account_Name in ('${id}') limit 200`;
    const { records, hasMore } = await parts.records.coql(query);
    expect(records).toMatchObject([{ Full_Name: 'Jane Roe', Account_Name: { id } }]);
    expect(hasMore).toBe(false);
  });
});
