import type { ZohoApiSimulator } from '../../simulators/zoho/zoho-api.simulator.js';
import { startRedis, type TestRedis } from '../../support/redis-server.js';
import { waitFor } from '../../support/wait-for.js';
import { seedAccount } from './zoho-crm.factory.js';
import { ZohoHouse } from './zoho-house.js';

interface Outage {
  readonly begin: (zoho: ZohoApiSimulator) => void;
  readonly end: (zoho: ZohoApiSimulator) => void;
  /** How often it was met so far. */
  readonly met: (zoho: ZohoApiSimulator) => number;
}

const answeredWith = (zoho: ZohoApiSimulator, status: number) =>
  zoho.apiRequests.filter((request) => request.status === status).length;
const tokenRequests = (zoho: ZohoApiSimulator) =>
  zoho.requests.filter(({ path }) => path === '/oauth/v2/token').length;

const OUTAGES: Readonly<Record<string, Outage>> = {
  'a token service that throttles': {
    begin: (zoho) => {
      zoho.oauth.mode = 'throttles';
      zoho.oauth.revokeTokens();
    },
    end: (zoho) => (zoho.oauth.mode = 'works'),
    met: tokenRequests,
  },
  'a refresh token that is refused for a while': {
    begin: (zoho) => {
      zoho.oauth.mode = 'refresh token revoked';
      zoho.oauth.revokeTokens();
    },
    end: (zoho) => (zoho.oauth.mode = 'works'),
    met: tokenRequests,
  },
  'credits that are spent': {
    begin: (zoho) => zoho.spendCredits(),
    end: (zoho) => zoho.renewCredits(),
    met: (zoho) => answeredWith(zoho, 429),
  },
  'an API that answers 503': {
    begin: (zoho) => (zoho.outage = 503),
    end: (zoho) => (zoho.outage = undefined),
    met: (zoho) => answeredWith(zoho, 503),
  },
};

/** More than the attempts of a job (3), so that one that was used up would show as a dead letter. */
const TIMES = 5;

describe('Zoho in trouble', () => {
  let server: TestRedis;
  let house: ZohoHouse;
  beforeAll(async () => {
    server = await startRedis({ appendonly: true });
    house = await ZohoHouse.create({ redisUrl: server.url, environment: { SHORT_WAITS: 'yes' } });
    await house.service.start();
    house.watch();
  });
  afterAll(async () => {
    await house.close();
    await server.stop();
  });

  it.each(Object.entries(OUTAGES))(
    '%s: nothing is lost, nothing becomes a dead letter, it recovers alone',
    async (_name, outage) => {
      const { zoho } = house;
      outage.begin(zoho);
      const before = outage.met(zoho);
      const accounts = Array.from({ length: 4 }, (_item, index) =>
        seedAccount(zoho, `Troubled ${index}`, `troubled-${index}.example`),
      );
      for (const { accountId, contactId } of accounts) {
        zoho.data.update('Accounts', accountId, { Account_Status: 'Changed in trouble' });
        zoho.data.update('Contacts', contactId, { Title: 'CFO' });
      }
      await waitFor('the trouble to be met', () => outage.met(zoho) >= before + TIMES, { timeoutMs: 60_000 });
      outage.end(zoho);
      await zoho.notified();
      await house.idle(120_000);
      for (const { accountId } of accounts) {
        const text = (await house.memory.document(accountId))?.text ?? '';
        expect(text).toContain('Changed in trouble');
        expect(text).toContain('Jane Roe, CFO');
      }
      expect(await house.deadLetters()).toBe(0);
      expect(await house.causesLeft()).toBe(0);
    },
    200_000,
  );
});
