import { startRedis, type TestRedis } from '../../support/redis-server.js';
import { waitFor } from '../../support/wait-for.js';
import { ZohoApiSimulator } from '../../simulators/zoho/zoho-api.simulator.js';
import { ZohoParts } from './zoho-parts.js';

describe('the token of Zoho', () => {
  let redis: TestRedis;
  let zoho: ZohoApiSimulator;
  const opened: ZohoParts[] = [];

  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());
  beforeEach(async () => {
    zoho = await ZohoApiSimulator.start();
  });
  afterEach(async () => {
    await Promise.all(
      opened.splice(0).map(async (parts) => parts.redis.flushall().then(() => parts.close())),
    );
    await zoho.stop();
  });

  function processOf(more: Record<string, string> = {}): ZohoParts {
    const parts = new ZohoParts(redis.url, { ...zoho.environment, ...more });
    opened.push(parts);
    return parts;
  }

  const tokenRequests = () => zoho.requests.filter(({ path }) => path === '/oauth/v2/token').length;

  it('is one for all processes, however many ask at once', async () => {
    const processes = Array.from({ length: 5 }, () => processOf());
    const tokens = await Promise.all(
      processes.flatMap(({ tokens: store }) => [store.current(), store.current()]),
    );
    expect(new Set(tokens.map(({ accessToken }) => accessToken)).size).toBe(1);
    expect(tokenRequests()).toBe(1);
  });

  it('is renewed once when the API refuses it, and the request is sent once more', async () => {
    const id = zoho.data.insert('Accounts', { Account_Name: 'Acme' });
    const [first, second] = [processOf(), processOf()];
    await Promise.all(
      [first.api, second.api].map((api) => api.send(1, () => ({ method: 'GET', path: `Accounts/${id}` }))),
    );
    zoho.oauth.revokeTokens();
    const answers = await Promise.all(
      [first.api, second.api].map((api) => api.send(1, () => ({ method: 'GET', path: `Accounts/${id}` }))),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(tokenRequests()).toBe(2);
  });

  it('is not asked for again and again where a fresh one is refused', async () => {
    const parts = new ZohoParts(redis.url, zoho.environment, { tokenMinAgeMs: 60_000 });
    opened.push(parts);
    await parts.tokens.current();
    zoho.oauth.revokeTokens();
    const request = () => parts.api.send(1, () => ({ method: 'GET', path: 'Accounts/1' }));
    for (let round = 0; round < 15; round += 1) {
      await expect(request()).rejects.toMatchObject({
        code: 'ZOHO.TOKEN_UNAVAILABLE',
        retry: { afterMs: expect.any(Number) },
      });
    }
    expect(tokenRequests()).toBe(1);
  });

  it.each([
    ['refresh token revoked', 'ZOHO.CREDENTIALS_REFUSED'],
    ['throttles', 'ZOHO.TOKEN_THROTTLED'],
    ['fails with 500', 'ZOHO.TOKEN_UNAVAILABLE'],
  ] as const)(
    'waits when the service %s, asks once for all processes, and recovers alone',
    async (mode, code) => {
      zoho.oauth.mode = mode;
      const [first, second] = [processOf(), processOf()];
      await expect(first.tokens.current()).rejects.toMatchObject({
        code,
        retry: { afterMs: expect.any(Number) },
      });
      await expect(second.tokens.current()).rejects.toMatchObject({ code });
      expect(tokenRequests()).toBe(1);
      zoho.oauth.mode = 'works';
      const token = await waitFor('a token', () => second.tokens.current().catch(() => undefined));
      expect(token.apiUrl).toBe(zoho.url);
    },
  );

  it('is used at an address of Zoho only, unless the configuration names another', async () => {
    zoho.oauth.mode = 'foreign api_domain';
    const { ZOHO_API_URL: _left, ...believing } = zoho.environment;
    const parts = new ZohoParts(redis.url, believing);
    opened.push(parts);
    await expect(parts.tokens.current()).rejects.toMatchObject({ code: 'ZOHO.CREDENTIALS_REFUSED' });
    expect(await parts.redis.keys('*zoho:token:*')).toEqual([]);
    await parts.redis.flushall();
    expect((await processOf().tokens.current()).apiUrl).toBe(zoho.url);
  });

  it('is another one with other credentials', async () => {
    await processOf().tokens.current();
    const other = processOf({ ZOHO_REFRESH_TOKEN: 'another' });
    await expect(other.tokens.current()).rejects.toMatchObject({ code: 'ZOHO.CREDENTIALS_REFUSED' });
  });
});
