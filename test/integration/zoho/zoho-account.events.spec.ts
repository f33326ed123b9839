import { loadConfig } from '../../../src/config/load-config.js';
import { AppError } from '../../../src/contracts/errors.js';
import type { VendorEvent } from '../../../src/contracts/event.js';
import type { JsonObject } from '../../../src/contracts/json.js';
import type { AccountSync, SyncCause } from '../../../src/contracts/ports/account-sync.port.js';
import { ZohoAccountEvents } from '../../../src/zoho/accounts/zoho-account.events.js';
import { ZohoApiSimulator } from '../../simulators/zoho/zoho-api.simulator.js';
import { startRedis, type TestRedis } from '../../support/redis-server.js';
import { seedAccount, type SeededAccount } from './zoho-crm.factory.js';
import { ZohoParts } from './zoho-parts.js';

const RECEIVED_AT = '2026-11-25T10:00:00.000Z';

/** Notes the requests; refuses those for one account, as a Redis does that dies in between. */
class NotedSyncs implements AccountSync {
  readonly asked: (SyncCause & { readonly accountId: string })[] = [];
  refuses: string | undefined;

  async request(accountId: string, cause: SyncCause): Promise<void> {
    if (accountId === this.refuses) throw new AppError('SYNC.NOT_QUEUED', 'away', { afterMs: 1 });
    this.asked.push({ accountId, ...cause });
  }
}

describe('from a notification to the sync of an account', () => {
  let redis: TestRedis;
  let zoho: ZohoApiSimulator;
  let parts: ZohoParts;
  let acme: SeededAccount;
  let syncs: NotedSyncs;
  let events: ZohoAccountEvents;

  beforeAll(async () => {
    redis = await startRedis();
    zoho = await ZohoApiSimulator.start();
    parts = new ZohoParts(redis.url, zoho.environment);
  });
  afterAll(async () => {
    await parts.close();
    await zoho.stop();
    await redis.stop();
  });
  beforeEach(async () => {
    await parts.redis.flushall();
    acme = seedAccount(zoho);
    syncs = new NotedSyncs();
    events = new ZohoAccountEvents(parts.router, parts.index, syncs, loadConfig(zoho.environment));
  });

  function follow(body: JsonObject, recordId: string) {
    const event = {
      eventId: 'e1',
      correlationId: 'c1',
      objectId: recordId,
      receivedAt: RECEIVED_AT,
    } as VendorEvent;
    return events.follow(event, { ids: [recordId], ...body });
  }

  const changed = (module: string, recordId: string, fields: readonly string[]) =>
    follow({ module, operation: 'update', affected_fields: [{ [recordId]: fields }] }, recordId);

  it('asks for the account, forced where a critical field changed, and names it', async () => {
    expect(await changed('Accounts', acme.accountId, ['Account_Status'])).toEqual({
      type: 'finished',
      status: 'completed',
      reason: `forced sync of account ${acme.accountId}`,
    });
    expect(await changed('Contacts', acme.contactId, ['Title'])).toMatchObject({
      reason: `sync of account ${acme.accountId}`,
    });
    const cause = { accountId: acme.accountId, eventId: 'e1', correlationId: 'c1', receivedAt: RECEIVED_AT };
    expect(syncs.asked).toEqual([
      {
        ...cause,
        force: true,
        changed: { module: 'Accounts', recordId: acme.accountId, fields: ['Account_Status'] },
      },
      {
        ...cause,
        force: false,
        changed: { module: 'Contacts', recordId: acme.contactId, fields: ['Title'] },
      },
    ]);
  });

  it('asks for nothing where nothing that matters changed, or nothing is named', async () => {
    const outcomes = await Promise.all([
      changed('Accounts', acme.accountId, ['Modified_By', 'Last_Activity_Time']),
      changed('Invoices', acme.accountId, ['Total']),
      changed('Accounts', '../users', ['Phone']),
    ]);
    expect(outcomes.map((outcome) => outcome.type === 'finished' && outcome.status)).toEqual(
      Array(3).fill('ignored'),
    );
    expect(syncs.asked).toEqual([]);
  });

  it('forgets from where a record came only when both accounts are asked for', async () => {
    const globex = seedAccount(zoho, 'Globex', 'globex.example');
    await parts.source.read(acme.accountId);
    zoho.data.update('Contacts', acme.contactId, { Account_Name: { id: globex.accountId, name: 'Globex' } });
    syncs.refuses = acme.accountId;
    await expect(changed('Contacts', acme.contactId, ['Account_Name'])).rejects.toMatchObject({
      code: 'SYNC.NOT_QUEUED',
    });
    syncs.refuses = undefined;
    await changed('Contacts', acme.contactId, ['Account_Name']);
    expect(syncs.asked.slice(1).map(({ accountId }) => accountId)).toEqual([
      globex.accountId,
      acme.accountId,
    ]);
    expect(await parts.index.accountOf('Contacts', acme.contactId)).toBe(globex.accountId);
  });

  it('waits with the event while Zoho cannot be asked', async () => {
    zoho.outage = 503;
    await expect(changed('Deals', acme.dealId, ['Stage'])).rejects.toMatchObject({
      code: 'ZOHO.UNAVAILABLE',
      retry: { afterMs: expect.any(Number) },
    });
    zoho.outage = undefined;
  });

  it('says which events wait for the API', () => {
    expect(['Accounts', 'Deals', 'Invoices', null].map((module) => events.asksApi(module))).toEqual([
      false,
      true,
      false,
      false,
    ]);
  });
});
