import type { SnapshotVersion } from '../../../src/contracts/ports/account-source.port.js';
import { ZohoApiSimulator } from '../../simulators/zoho/zoho-api.simulator.js';
import { startRedis, type TestRedis } from '../../support/redis-server.js';
import { seedAccount } from './zoho-crm.factory.js';
import { ZohoParts } from './zoho-parts.js';

const VERSION: SnapshotVersion = {
  rowVersion: 7,
  modifiedAt: '2026-11-25T00:00:00.000Z',
  sourceEventId: 'e',
};

describe('an account with all that belongs to it', () => {
  let redis: TestRedis;
  let zoho: ZohoApiSimulator;
  let parts: ZohoParts;

  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());
  beforeEach(async () => {
    zoho = await ZohoApiSimulator.start({ concurrency: 5 });
    parts = new ZohoParts(redis.url, zoho.environment);
    await parts.redis.flushall();
  });
  afterEach(async () => {
    await parts.close();
    await zoho.stop();
  });

  it('is read in two requests and told as one document', async () => {
    const { accountId } = seedAccount(zoho);
    const state = await parts.source.read(accountId);
    expect(zoho.apiRequests.map(({ path }) => path)).toEqual([
      '/crm/v8/__composite_requests',
      `/crm/v8/Accounts/${accountId}/Activities_Chronological_View_History`,
    ]);
    expect(state.document?.text).toBe(`# Acme Robotics

## Account
- Account Status: Active
- Account Type: Customer
- Annual Revenue: 1250000
- Industry: Manufacturing
- Owner: Patricia Boyle
- Website: https://www.acme.example/about

## Contacts
- Jane Roe, CTO, Jane@acme.example

## Open deals
- Acme Robotics renewal, stage Negotiation/Review, amount 84000, closes 2026-12-20, owner Patricia Boyle

## Open activities
- Task: Send renewal quote, 2026-12-15, status Not Started, owner Patricia Boyle

## Past activities
- Call: Check-in, 2026-11-20T09:00:00-08:00, owner Patricia Boyle

## Notes
- ${String(zoho.data.all('Notes')[0]?.Created_Time).slice(0, 10)} Renewal risk: Unhappy about onboarding. Compares us with Contoso.
`);
    expect(state.document?.labels).toEqual(['Manufacturing', 'Customer']);
    expect(state.missingParts).toEqual([]);
    expect(state.snapshot(VERSION)).toMatchObject({
      table: 'ZOHO_ACCOUNT_SNAPSHOTS',
      values: { ACCOUNT_ID: accountId, ACCOUNT_NAME: 'Acme Robotics', IS_DELETED: false, ROW_VERSION: 7 },
    });
  });

  it('takes four requests where it has more than twenty-five contacts and deals', async () => {
    const { accountId } = seedAccount(zoho);
    const account = { id: accountId, name: 'Acme Robotics' };
    for (let index = 0; index < 60; index += 1) {
      zoho.data.insert('Contacts', { Full_Name: `Contact ${index}`, Account_Name: account });
      zoho.data.insert('Deals', {
        Deal_Name: `Deal ${index}`,
        Stage: 'Qualification',
        Account_Name: account,
      });
    }
    const state = await parts.source.read(accountId);
    expect(zoho.apiRequests).toHaveLength(4);
    const { CONTACTS, DEALS } = state.snapshot(VERSION).values;
    expect([CONTACTS, DEALS].map((json) => (JSON.parse(String(json)) as unknown[]).length)).toEqual([61, 61]);
  });

  it.each([
    ['the scope for composite requests is missing', {}, true],
    ['the organisation allows fewer than five requests at once', { ZOHO_CONCURRENCY: '2' }, false],
  ])('is the same, read one by one, where %s', async (_what, more, isScopeMissing) => {
    const { accountId } = seedAccount(zoho);
    const whole = await parts.source.read(accountId);
    if (isScopeMissing) zoho.missingScopes.add('composite');
    const other = new ZohoParts(redis.url, { ...zoho.environment, ...more });
    const before = zoho.apiRequests.length;
    const single = await other.source.read(accountId);
    await other.source.read(accountId);
    await other.close();
    expect(single.contentHash).toBe(whole.contentHash);
    expect(single.document).toEqual(whole.document);
    const composites = zoho.apiRequests
      .slice(before)
      .filter(({ path }) => path.endsWith('__composite_requests'));
    expect(composites).toHaveLength(isScopeMissing ? 1 : 0);
  });

  it('has the same hash and text until something changes that somebody would want to know', async () => {
    const { accountId, contactId } = seedAccount(zoho);
    const first = await parts.source.read(accountId);
    zoho.data.update('Accounts', accountId, {
      Last_Activity_Time: '2026-11-25T00:00:00-08:00',
      $editable: false,
    });
    const touched = await parts.source.read(accountId);
    expect([touched.contentHash, touched.document]).toEqual([first.contentHash, first.document]);
    zoho.data.update('Contacts', contactId, { Title: 'CEO' });
    const changed = await parts.source.read(accountId);
    expect(changed.contentHash).not.toBe(first.contentHash);
    expect(changed.document?.text).toContain('Jane Roe, CEO');
  });

  it('that was deleted has no document, and leads nobody to it any more', async () => {
    const { accountId } = seedAccount(zoho);
    await parts.source.read(accountId);
    zoho.data.delete('Accounts', accountId);
    const state = await parts.source.read(accountId);
    expect(state).toMatchObject({ document: null, modifiedAt: null });
    expect(state.snapshot(VERSION).values).toMatchObject({
      IS_DELETED: true,
      RECORD: `{"id":"${accountId}"}`,
    });
    expect(await parts.matcher.match({ crmObjects: [], emailAddresses: ['jane@acme.example'] })).toEqual({
      type: 'none',
    });
  });
});
