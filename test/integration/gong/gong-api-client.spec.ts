import { Redis } from 'ioredis';
import { gongCall } from '../../factories/gong-call.factory.js';
import { type GongApiOptions, GongApiSimulator } from '../../simulators/gong/gong-api.simulator.js';
import { GongApiClient, type GongCallPage } from '../../../src/gong/api/gong-api.client.js';
import type { GongApiTimings } from '../../../src/gong/api/gong-api.timings.js';
import { GongApiKit } from '../../support/gong-api-kit.js';
import { startRedis } from '../../support/redis-server.js';
import { waitFor } from '../../support/wait-for.js';

/** For tests that are not about the quota. */
const UNLIMITED = { GONG_RATE_PER_SECOND: '100', GONG_RATE_BURST: '100' };
const IMPATIENT = { requestTimeoutMs: 400, retryPauseMs: 10, firstRestMs: 600, longestRestMs: 600 };
const IDS = ['8123456789012345671', '81234567890123456789'] as const;

describe(GongApiClient.name, () => {
  let server: Awaited<ReturnType<typeof startRedis>>;
  let redis: Redis;
  let gong: GongApiSimulator;
  let kit: GongApiKit;

  beforeAll(async () => {
    server = await startRedis();
    redis = new Redis(server.url);
  });
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });
  afterEach(async () => {
    await kit.close();
    await gong.close();
  });

  async function open(
    options: GongApiOptions = {},
    timings: Partial<GongApiTimings> = IMPATIENT,
    environment: Record<string, string> = {},
  ): Promise<GongApiClient> {
    await redis.flushdb();
    gong = await GongApiSimulator.start({ perSecond: 1_000, ...options });
    for (const [index, id] of IDS.entries()) gong.addCall(gongCall({ seed: index + 1, metaData: { id } }));
    kit = new GongApiKit(server.url, { ...gong.environment, ...UNLIMITED, ...environment }, timings);
    return kit.client;
  }

  it('gets calls and transcripts by their ids, to the digit, and leaves out what Gong does not have', async () => {
    const client = await open();
    const details = await client.callDetails([...IDS, '404']);
    expect([...details.keys()]).toEqual(IDS);
    expect(details.get(IDS[1])).toMatchObject({
      metaData: { id: IDS[1] },
      content: { brief: expect.any(String) as string },
    });
    const transcripts = await client.callTranscripts(['404', IDS[0]]);
    expect([...transcripts.keys()]).toEqual([IDS[0]]);
    expect(transcripts.get(IDS[0])?.[0]).toMatchObject({ sentences: expect.any(Array) as unknown[] });
    expect(await kit.counted('calls/extensive', '200')).toBe(1);
  });

  it('takes "No calls found" as empty, and any other 404 as a wrong address', async () => {
    const client = await open();
    expect(await client.callDetails(['404'])).toEqual(new Map());
    expect(await client.call('404')).toBeNull();
    expect(await kit.counted('calls/extensive', '404')).toBe(1);
    const lost = new GongApiKit(server.url, {
      ...gong.environment,
      GONG_API_BASE_URL: `${gong.url}/elsewhere`,
    });
    await expect(lost.client.users()).rejects.toMatchObject({ code: 'GONG.REQUEST_REFUSED' });
    await lost.close();
  });

  it('never asks for media', async () => {
    const client = await open();
    await client.callDetails([...IDS]);
    expect(gong.requests).toMatchObject([{ body: { contentSelector: { exposedFields: { media: false } } } }]);
  });

  it('reads the other endpoints in their own envelopes', async () => {
    const client = await open();
    gong.addUser({ id: '7', emailAddress: 'sam@northwind.example', firstName: 'Sam', lastName: 'Okafor' });
    gong.addUser({ id: '8', emailAddress: 'lena@northwind.example', firstName: 'Lena', lastName: 'Fischer' });
    const days = { from: '2026-03-01', to: '2026-03-02' };
    expect(await client.call(IDS[0])).toMatchObject({ id: IDS[0], title: expect.any(String) as string });
    expect((await client.users()).map(({ name }) => name)).toEqual(['Sam Okafor', 'Lena Fischer']);
    expect(await client.usersById(['8'])).toMatchObject([
      { id: '8', emailAddress: 'lena@northwind.example' },
    ]);
    expect(await client.trackers()).toEqual([{ id: '77', name: 'Competitors', affiliation: 'External' }]);
    expect(await client.callOutcomes()).toMatchObject([{ name: 'Meeting booked', sentiment: 'POSITIVE' }]);
    expect((await client.activityStats(days))[0]).toMatchObject({ userId: '7', stats: { callsAsHost: 3 } });
    expect((await client.interactionStats(days))[0]).toMatchObject({ stats: { Patience: 0.9 } });
    const [buyer] = gongCall({ seed: 1, metaData: { id: IDS[0] } }).callData.parties;
    const data = await client.dataForEmailAddress(buyer?.emailAddress ?? '');
    expect(data).toMatchObject({ callIds: [IDS[0]], emails: [{ id: 'a'.repeat(32) }] });
  });

  it('gives the list of calls page by page, each with the place of the next', async () => {
    const client = await open({ pageSize: 2 });
    for (let seed = 10; seed < 15; seed++) gong.addCall(gongCall({ seed }));
    const span = { from: '2026-03-01T00:00:00Z', to: '2026-03-10T00:00:00Z' };
    const ids: string[] = [];
    let cursor: string | null = null;
    do {
      const page: GongCallPage = await client.callPage(span, cursor);
      ids.push(...page.calls.map(({ id }) => id));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(new Set(ids).size).toBe(7);
    expect(ids).toHaveLength(7);
    expect(gong.to('calls')).toHaveLength(4);
    const { nextCursor } = await client.callPage(span, null);
    gong.break({ kind: 'cursor-expired', times: 1 });
    await expect(client.callPage(span, nextCursor)).rejects.toMatchObject({ code: 'GONG.CURSOR_EXPIRED' });
  });

  it('starts a whole list over when its cursor has expired, and gives nothing twice', async () => {
    const client = await open({ pageSize: 2 });
    const ids = ['71', '72', '73', '74', '75'];
    for (const id of ids) {
      gong.addUser({ id, emailAddress: `${id}@x.example`, firstName: 'A', lastName: 'A' });
    }
    gong.break({ kind: 'cursor-expired', times: 1 });
    expect((await client.users()).map(({ id }) => id).sort()).toEqual(ids);
    gong.break({ kind: 'cursor-expired' });
    await expect(client.users()).rejects.toMatchObject({ code: 'GONG.CURSOR_EXPIRED' });
  });

  it('tells a missing scope from a key that does not hold', async () => {
    const client = await open();
    gong.break({ kind: 'scope-missing', times: 1 });
    await expect(client.callDetails([...IDS])).rejects.toMatchObject({
      code: 'GONG.SCOPE_MISSING',
      message: expect.stringContaining('api:calls:read:extensive') as string,
    });
    gong.break({ kind: 'credentials-refused', times: 1 });
    await expect(client.callDetails([...IDS])).rejects.toMatchObject({ code: 'GONG.CREDENTIALS_REFUSED' });
    expect(await kit.counted('calls/extensive', '401')).toBe(2);
  });

  it.each(['server-error', 'disconnect', 'malformed', 'cut-short'] as const)(
    'asks again after a %s that is over at once',
    async (kind) => {
      const client = await open();
      gong.break({ kind, times: 2 });
      expect([...(await client.callDetails([...IDS])).keys()]).toEqual(IDS);
      expect(gong.requests).toHaveLength(3);
    },
  );

  it('waits for nothing longer than its deadline, and not twice for what hangs', async () => {
    const client = await open();
    gong.break({ kind: 'hang' });
    await expect(client.callDetails([...IDS])).rejects.toMatchObject({
      code: 'GONG.UNAVAILABLE',
      status: 'timeout',
    });
    expect(gong.requests).toHaveLength(1);
    expect(await kit.counted('calls/extensive', 'timeout')).toBe(1);
    gong.mend();
    gong.break({ kind: 'slow', delayMs: 100 });
    expect((await client.callDetails([...IDS])).size).toBe(2);
  });

  it('leaves Gong alone after failures in a row, and takes it up again when it is back', async () => {
    const client = await open({}, { ...IMPATIENT, failuresUntilOpen: 3 });
    gong.break({ kind: 'server-error' });
    await expect(client.users()).rejects.toMatchObject({ code: 'GONG.UNAVAILABLE', status: '500' });
    const asked = gong.requests.length;
    await expect(client.users()).rejects.toMatchObject({
      code: 'GONG.UNAVAILABLE',
      status: 'circuit',
      retry: { afterMs: expect.any(Number) as number },
    });
    expect(gong.requests).toHaveLength(asked);
    expect((await kit.circuit.get()).values[0]?.value).toBe(2);
    expect(await kit.health.check()).toMatchObject({ status: 'degraded', details: { circuit: 'open' } });
    gong.mend();
    await waitFor('Gong to be asked again', async () => (await client.users().catch(() => null)) !== null);
    expect((await kit.circuit.get()).values[0]?.value).toBe(0);
    expect(await kit.health.check()).toMatchObject({
      status: 'up',
      details: { lastCall: { status: '200' } },
    });
  });

  it('pauses every process for as long as a 429 says', async () => {
    const client = await open();
    const other = new GongApiKit(server.url, { ...gong.environment, ...UNLIMITED });
    gong.break({ kind: 'rate-limited', retryAfterSeconds: 7_200, times: 1 });
    const limited = {
      code: 'GONG.RATE_LIMITED',
      retry: { afterMs: expect.closeTo(7_200_000, -4) as number },
    };
    await expect(client.users()).rejects.toMatchObject(limited);
    await expect(other.client.users()).rejects.toMatchObject(limited);
    expect(gong.requests).toHaveLength(1);
    expect((await kit.limitHits.get()).values).toMatchObject([{ labels: { api: 'gong' }, value: 1 }]);
    expect(await other.health.check()).toMatchObject({
      status: 'degraded',
      details: { lastCall: { status: '429', code: 'GONG.RATE_LIMITED' }, pausedSeconds: 7_200 },
    });
    await other.close();
  });

  it('never meets the limit of Gong, whatever is asked at once', async () => {
    const client = await open({ perSecond: 3 }, IMPATIENT, {
      GONG_RATE_PER_SECOND: '2.5',
      GONG_RATE_BURST: '1',
    });
    await Promise.all(Array.from({ length: 8 }, () => client.users()));
    expect(gong.requests.map(({ status }) => status)).toEqual(Array(8).fill(200));
    expect(gong.mostPerSecond()).toBeLessThanOrEqual(3);
  });
});

describe('OAuth of Gong', () => {
  const APP = { clientId: 'app', clientSecret: 'secret-of-the-app', refreshToken: 'first-refresh-token' };
  const ENVIRONMENT = {
    ...UNLIMITED,
    GONG_OAUTH_CLIENT_ID: APP.clientId,
    GONG_OAUTH_CLIENT_SECRET: APP.clientSecret,
    GONG_OAUTH_REFRESH_TOKEN: APP.refreshToken,
  };
  let server: Awaited<ReturnType<typeof startRedis>>;
  let redis: Redis;
  let gong: GongApiSimulator;
  let kits: GongApiKit[];

  beforeEach(async () => {
    server = await startRedis();
    redis = new Redis(server.url);
    gong = await GongApiSimulator.start({ perSecond: 1_000, oauth: APP });
    kits = [];
  });
  afterEach(async () => {
    await Promise.all(kits.map((kit) => kit.close()));
    redis.disconnect();
    await gong.close();
    await server.stop();
  });

  function kit(): GongApiKit {
    const made = new GongApiKit(server.url, ENVIRONMENT, { ...IMPATIENT, tokenUrl: gong.tokenUrl });
    kits.push(made);
    return made;
  }

  it("gets one token for all processes, asks at the tenant's own address, and keeps no token readable", async () => {
    await Promise.all([kit(), kit(), kit()].map(({ client }) => client.users()));
    expect(new Set(gong.requests.map(({ authorization }) => authorization)).size).toBe(1);
    expect(gong.requests[0]?.authorization).toMatch(/^Bearer /);
    const token = gong.requests[0]?.authorization.slice('Bearer '.length) ?? '';
    const [key] = await redis.keys('{tributary}:gong:oauth:*');
    expect(await redis.get(key ?? '')).not.toContain(token);
  });

  it('goes on with the newest refresh token after a restart', async () => {
    await kit().client.users();
    gong.withdrawTokens();
    await kit().client.users();
    expect(gong.requests.map(({ status }) => status)).toEqual([200, 401, 200]);
  });

  it('says that the credentials are refused when no refresh token holds', async () => {
    const lost = new GongApiKit(
      server.url,
      { ...ENVIRONMENT, GONG_OAUTH_REFRESH_TOKEN: 'not-the-one' },
      { ...IMPATIENT, tokenUrl: gong.tokenUrl },
    );
    kits.push(lost);
    const refused = lost.client.users();
    await expect(refused).rejects.toMatchObject({ code: 'GONG.CREDENTIALS_REFUSED' });
    await expect(refused).rejects.not.toMatchObject({
      message: expect.stringContaining('not-the-one') as string,
    });
  });
});
