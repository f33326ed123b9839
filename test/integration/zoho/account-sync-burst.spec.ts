import { startRedis, type TestRedis } from '../../support/redis-server.js';
import { queryWarehouse } from '../../support/warehouse-file.js';
import { seedAccount, type SeededAccount } from './zoho-crm.factory.js';
import { ZohoHouse } from './zoho-house.js';

const ACCOUNTS = 50;
const CHANGES_EACH = 20;
const MAX_REQUESTS_PER_SYNC = 4;

/** One at once and two more for a burst; where sending it takes longer, one for every ten seconds (the spacing). */
const maxSyncsEach = (sendingMs: number) => Math.max(3, 2 + Math.ceil(sendingMs / 10_000));

describe('a burst of 1,000 notifications over 50 accounts', () => {
  let server: TestRedis;
  let house: ZohoHouse;
  beforeAll(async () => {
    server = await startRedis({ appendonly: true });
    house = await ZohoHouse.create({ redisUrl: server.url, simulator: { concurrency: 5, latencyMs: 2 } });
  });
  afterAll(async () => {
    await house.close();
    await server.stop();
  });

  /** The n-th change: now the account, now its contact, now its deal. */
  function change({ accountId, contactId, dealId }: SeededAccount, count: number): void {
    const { data } = house.zoho;
    if (count % 3 === 0) data.update('Accounts', accountId, { Account_Status: `Status ${count}` });
    if (count % 3 === 1) data.update('Contacts', contactId, { Title: `Title ${count}` });
    if (count % 3 === 2) data.update('Deals', dealId, { Amount: count });
  }

  it('ends with the last state of each in memory and snapshot, in few syncs and few requests', async () => {
    const { zoho, service, memory } = house;
    const accounts = Array.from({ length: ACCOUNTS }, (_item, index) =>
      seedAccount(zoho, `Account ${index}`, `company-${index}.example`),
    );
    await service.start();
    house.watch();
    const startedAt = Date.now();
    for (let count = 0; count < CHANGES_EACH; count += 1) {
      for (const account of accounts) change(account, count);
      await zoho.notified();
    }
    expect(zoho.notifications.filter(({ status }) => status === 200)).toHaveLength(ACCOUNTS * CHANGES_EACH);
    const sendingMs = Date.now() - startedAt;
    await house.idle(120_000);
    const requests = zoho.apiRequests;
    const syncsOf = ({ accountId }: SeededAccount) =>
      requests.filter(({ path }) =>
        path.includes(`/Accounts/${accountId}/Activities_Chronological_View_History`),
      ).length;
    const syncs = accounts.map(syncsOf);
    const allSyncs = syncs.reduce((sum, count) => sum + count, 0);
    expect(Math.min(...syncs)).toBeGreaterThan(0);
    expect(Math.max(...syncs)).toBeLessThanOrEqual(maxSyncsEach(sendingMs));
    expect(requests.length).toBeLessThanOrEqual(MAX_REQUESTS_PER_SYNC * allSyncs);
    expect(requests.filter(({ status }) => status === 429)).toEqual([]);
    expect(await house.deadLetters()).toBe(0);
    expect(await house.causesLeft()).toBe(0);
    for (const { accountId } of accounts) {
      const text = (await memory.document(accountId))?.text ?? '';
      expect(text).toContain('Account Status: Status 18');
      expect(text).toContain('Title 19');
      expect(text).toContain('amount 17');
    }
    await service.terminate();
    const current = await queryWarehouse(
      service.warehousePath,
      `SELECT DISTINCT json_extract_string(RECORD, '$.Account_Status') AS STATUS,
         json_extract_string(CONTACTS, '$[0].Title') AS TITLE, json_extract_string(DEALS, '$[0].Amount') AS AMOUNT,
         count(*)::INTEGER AS N FROM ZOHO_ACCOUNTS_CURRENT GROUP BY ALL`,
    );
    expect(current).toEqual([{ STATUS: 'Status 18', TITLE: 'Title 19', AMOUNT: '17', N: ACCOUNTS }]);
    const history = await queryWarehouse(
      service.warehousePath,
      `SELECT count(DISTINCT EVENT_ID)::INTEGER AS N FROM WEBHOOK_PROCESSING_HISTORY
       WHERE STAGE = 'remember' AND STATUS = 'completed'`,
    );
    expect(history).toEqual([{ N: ACCOUNTS * CHANGES_EACH }]);
  }, 240_000);
});
