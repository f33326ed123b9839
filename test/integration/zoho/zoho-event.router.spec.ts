import type { RecordChange } from '../../../src/zoho/accounts/zoho-event.router.js';
import { ZohoApiSimulator } from '../../simulators/zoho/zoho-api.simulator.js';
import { startRedis, type TestRedis } from '../../support/redis-server.js';
import { seedAccount, type SeededAccount } from './zoho-crm.factory.js';
import { ZohoParts } from './zoho-parts.js';

describe('the way from a record to its account', () => {
  let redis: TestRedis;
  let zoho: ZohoApiSimulator;
  let parts: ZohoParts;
  let acme: SeededAccount;

  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());
  beforeEach(async () => {
    zoho = await ZohoApiSimulator.start();
    parts = new ZohoParts(redis.url, zoho.environment);
    await parts.redis.flushall();
    acme = seedAccount(zoho);
  });
  afterEach(async () => {
    await parts.close();
    await zoho.stop();
  });

  const route = (change: Pick<RecordChange, 'module' | 'recordId'> & Partial<RecordChange>) =>
    parts.router.route({ operation: 'update', values: {}, ...change });

  it('is none for an account: it costs no request', async () => {
    expect(await route({ module: 'Accounts', recordId: acme.accountId })).toMatchObject({
      accountIds: [acme.accountId],
    });
    expect(zoho.requests).toEqual([]);
  });

  it('goes over Account_Name, What_Id and Parent_Id', async () => {
    const changes = [
      { module: 'Contacts', recordId: acme.contactId },
      { module: 'Deals', recordId: acme.dealId },
      { module: 'Tasks', recordId: acme.taskId },
      { module: 'Activities', recordId: acme.callId },
      { module: 'Notes', recordId: acme.noteId },
    ] as const;
    const routes = await Promise.all(changes.map(route));
    expect(routes.map(({ accountIds }) => accountIds)).toEqual(changes.map(() => [acme.accountId]));
    expect(routes.map(({ learned }) => learned?.module)).toEqual([
      'Contacts',
      'Deals',
      'Tasks',
      'Calls',
      'Notes',
    ]);
  });

  it('goes over a deal, and over the person where there is nothing else', async () => {
    const deal = { id: acme.dealId, name: 'renewal' };
    const onDeal = zoho.data.insert('Events', {
      Event_Title: 'Kick-off',
      What_Id: deal,
      $se_module: 'Deals',
    });
    const person = { id: acme.contactId, name: 'Jane Roe' };
    const withPerson = zoho.data.insert('Calls', { Subject: 'Hello', Who_Id: person });
    const ofDeal = zoho.data.insert('Notes', { Note_Title: 'n', Parent_Id: deal, $se_module: 'Deals' });
    const otherModule = { What_Id: { id: '77', name: 'q' }, $se_module: 'Quotes', Who_Id: person };
    const onQuote = zoho.data.insert('Tasks', { Subject: 'Quote', ...otherModule });
    const routes = await Promise.all([
      route({ module: 'Events', recordId: onDeal }),
      route({ module: 'Calls', recordId: withPerson }),
      route({ module: 'Notes', recordId: ofDeal }),
      route({ module: 'Tasks', recordId: onQuote }),
    ]);
    expect(routes.map(({ accountIds }) => accountIds)).toEqual(Array(4).fill([acme.accountId]));
  });

  it('ends where there is no account, and says so', async () => {
    const contact = zoho.data.insert('Contacts', { Full_Name: 'Nobody' });
    const lead = zoho.data.insert('Calls', { Subject: 'Cold', Who_Id: { id: '42', name: 'A lead' } });
    expect(await route({ module: 'Contacts', recordId: contact })).toEqual({
      accountIds: [],
      learned: null,
      reason: 'belongs to no account',
    });
    expect(await route({ module: 'Calls', recordId: lead })).toMatchObject({
      reason: 'belongs to no account',
    });
    expect(await route({ module: 'Deals', recordId: '404' })).toMatchObject({
      reason: 'is not there any more, and its account is not known',
    });
  });

  it('asks nothing where the notification carries the account', async () => {
    const values = { Account_Name: { id: acme.accountId, name: 'Acme Robotics' } };
    expect(await route({ module: 'Deals', recordId: acme.dealId, values })).toMatchObject({
      accountIds: [acme.accountId],
    });
    expect(zoho.requests).toEqual([]);
  });

  it('finds the account of a record that was deleted, once its account was read', async () => {
    zoho.data.delete('Contacts', acme.contactId);
    const gone = { module: 'Contacts', recordId: acme.contactId, operation: 'delete' } as const;
    expect(await route(gone)).toMatchObject({
      accountIds: [],
      reason: 'was deleted, and its account is not known',
    });
    zoho.data.restore(acme.contactId);
    await parts.source.read(acme.accountId);
    zoho.data.delete('Contacts', acme.contactId);
    expect(await route(gone)).toMatchObject({ accountIds: [acme.accountId], reason: null });
  });

  it('leads to both accounts when a record moves', async () => {
    const other = seedAccount(zoho, 'Globex', 'globex.example');
    await parts.source.read(acme.accountId);
    zoho.data.update('Contacts', acme.contactId, { Account_Name: { id: other.accountId, name: 'Globex' } });
    const moved = await route({ module: 'Contacts', recordId: acme.contactId });
    expect(moved.accountIds).toEqual([other.accountId, acme.accountId]);
  });
});
