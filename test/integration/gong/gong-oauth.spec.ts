import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Redis } from 'ioredis';
import { Counter } from 'prom-client';
import { loadConfig } from '../../../src/config/load-config.js';
import { GongOAuthTokens } from '../../../src/gong/api/gong-oauth.tokens.js';
import { startRedis, type TestRedis } from '../../support/redis-server.js';

/** An answer of the token address as it stands on the wire. */
type Answer = readonly [status: number, body: string];

const ENVIRONMENT = {
  GONG_OAUTH_CLIENT_ID: 'app',
  GONG_OAUTH_CLIENT_SECRET: 'secret-of-the-app',
  GONG_OAUTH_REFRESH_TOKEN: 'configured-token',
};
const gives = (more: object): Answer => [
  200,
  JSON.stringify({ access_token: 'a1', expires_in: 86_400, ...more }),
];
const DAY_MS = 86_400_000;

describe("odd answers of Gong's token address", () => {
  let redisServer: TestRedis;
  let redis: Redis;
  let server: Server;
  let answers: Answer[];
  let refreshTokens: (string | null)[];

  beforeAll(async () => {
    redisServer = await startRedis();
    redis = new Redis(redisServer.url);
    server = createServer((request, response) => {
      refreshTokens.push(new URL(request.url ?? '', 'http://x').searchParams.get('refresh_token'));
      const [status, body] = answers.shift() ?? [500, ''];
      request.resume().on('end', () => response.writeHead(status).end(body));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(async () => {
    redis.disconnect();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await redisServer.stop();
  });
  beforeEach(async () => {
    await redis.flushall();
    refreshTokens = [];
  });

  const tokens = (environment: Record<string, string> = {}, url?: string) => {
    const { port } = server.address() as AddressInfo;
    const calls = new Counter({ name: 'a', help: 'a', labelNames: ['endpoint', 'status'], registers: [] });
    const config = loadConfig({ ...ENVIRONMENT, ...environment });
    return new GongOAuthTokens(redis, config, calls, url ?? `http://127.0.0.1:${port}/token`);
  };

  it.each([
    ['no JSON', '<html>'],
    ['a list', '[]'],
    ['no token', '{"expires_in":1}'],
    ['a token that is a number', '{"access_token":7}'],
  ])('with 200 and %s are failures that may pass, and keep nothing', async (_what, body) => {
    answers = [[200, body]];
    await expect(tokens().current()).rejects.toMatchObject({ code: 'GONG.UNAVAILABLE', status: 'malformed' });
    expect(await redis.keys('*')).toEqual([]);
  });

  it.each([
    [400, 'GONG.CREDENTIALS_REFUSED'],
    [401, 'GONG.CREDENTIALS_REFUSED'],
    [429, 'GONG.RATE_LIMITED'],
    [404, 'GONG.UNAVAILABLE'],
    [503, 'GONG.UNAVAILABLE'],
  ])('with %d are %s, and the lock is free again for the next', async (status, code) => {
    answers = [[status, ''], gives({})];
    const own = tokens();
    await expect(own.current()).rejects.toMatchObject({ code });
    expect((await own.current()).accessToken).toBe('a1');
  });

  it('that leave out what is not needed keep the refresh token, and hold for a day', async () => {
    answers = [[200, '{"access_token":"a1","api_base_url_for_customer":"not an address"}']];
    const { refreshToken, apiBaseUrl, expiresAtMs } = await tokens().current();
    expect([refreshToken, apiBaseUrl]).toEqual(['configured-token', null]);
    expect(Math.abs(expiresAtMs - Date.now() - DAY_MS)).toBeLessThan(60_000);
  });

  it('never show the refresh token where the address cannot be reached', async () => {
    const error: unknown = await tokens({}, 'http://127.0.0.1:1/token')
      .current()
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'GONG.UNAVAILABLE', status: 'network', cause: undefined });
    expect((error as Error).message).not.toContain('configured-token');
  });

  it('are shared: another process asks nobody, also for another token than the one refused', async () => {
    answers = [
      gives({ access_token: 'a1', refresh_token: 'r2' }),
      gives({ access_token: 'a2', refresh_token: 'r3' }),
    ];
    const [one, other] = [tokens(), tokens()];
    expect((await one.current()).accessToken).toBe('a1');
    expect((await other.current()).accessToken).toBe('a1');
    expect((await one.insteadOf('a1')).accessToken).toBe('a2');
    expect((await other.insteadOf('a1')).accessToken).toBe('a2');
    expect((await one.insteadOf('a1')).accessToken).toBe('a2');
    expect(refreshTokens).toEqual(['configured-token', 'r2']);
  });

  it('that refuse a superseded refresh token leave the configured one as the last chance', async () => {
    answers = [
      gives({ refresh_token: 'r2' }),
      [400, '{"error":"invalid_grant"}'],
      gives({ access_token: 'a2' }),
    ];
    const own = tokens();
    await own.current();
    expect((await own.insteadOf('a1')).accessToken).toBe('a2');
    expect(refreshTokens).toEqual(['configured-token', 'r2', 'configured-token']);
  });

  it('that are a fault do not spend the last chance', async () => {
    answers = [gives({ refresh_token: 'r2' }), [503, '']];
    const own = tokens();
    await own.current();
    await expect(own.insteadOf('a1')).rejects.toMatchObject({ code: 'GONG.UNAVAILABLE' });
    expect(refreshTokens).toEqual(['configured-token', 'r2']);
  });

  it('are asked for anew where another client secret has sealed the old ones', async () => {
    answers = [gives({ refresh_token: 'r2' }), gives({ access_token: 'a2' })];
    await tokens().current();
    const { accessToken } = await tokens({ GONG_OAUTH_CLIENT_SECRET: 'another-secret' }).current();
    expect([accessToken, refreshTokens]).toEqual(['a2', ['configured-token', 'configured-token']]);
  });

  it('are failures that may pass while Redis does not answer', async () => {
    const gone = new Redis(redisServer.url, { enableOfflineQueue: false, lazyConnect: true });
    const calls = new Counter({ name: 'a', help: 'a', labelNames: ['endpoint', 'status'], registers: [] });
    const own = new GongOAuthTokens(gone, loadConfig(ENVIRONMENT), calls, 'http://127.0.0.1:1');
    await expect(own.current()).rejects.toMatchObject({ code: 'GONG.UNAVAILABLE' });
    gone.disconnect();
  });
});
