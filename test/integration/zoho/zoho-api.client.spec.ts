import type { ZohoPatience } from '../../../src/zoho/api/zoho-patience.js';
import { ZohoApiSimulator, type ZohoSimulatorOptions } from '../../simulators/zoho/zoho-api.simulator.js';
import { startRedis, type TestRedis } from '../../support/redis-server.js';
import { waitFor } from '../../support/wait-for.js';
import { ZohoParts } from './zoho-parts.js';

describe('the client of Zoho', () => {
  let redis: TestRedis;
  let zoho: ZohoApiSimulator;
  const opened: ZohoParts[] = [];

  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());
  afterEach(async () => {
    await Promise.all(opened.map(({ redis: client }) => client.flushall()));
    await Promise.all(opened.splice(0).map((parts) => parts.close()));
    await zoho.stop();
  });

  async function start(options: ZohoSimulatorOptions = {}): Promise<ZohoParts> {
    zoho = await ZohoApiSimulator.start(options);
    return anotherProcess();
  }

  function anotherProcess(
    patience: Partial<ZohoPatience> = {},
    more: Record<string, string> = {},
  ): ZohoParts {
    const parts = new ZohoParts(redis.url, { ...zoho.environment, ...more }, patience);
    opened.push(parts);
    return parts;
  }

  const anything = ({ api }: ZohoParts) => api.send(1, () => ({ method: 'GET', path: 'Accounts/1' }));
  const waits = { retry: { afterMs: expect.any(Number) } };

  it('keeps the limit of requests at once over two processes, and a composite request gets its turn', async () => {
    const first = await start({ concurrency: 5, latencyMs: 20 });
    const second = anotherProcess();
    const many = [first, second].flatMap((parts) => Array.from({ length: 20 }, () => anything(parts)));
    const composite = first.records.readTogether([{ path: 'Accounts/1' }, { path: 'Accounts/2' }]);
    const answers = await Promise.all(many);
    expect(answers.every(({ status }) => status === 204)).toBe(true);
    expect(await composite).toEqual(['none', 'none']);
    expect(zoho.peakConcurrency).toBe(5);
    expect(zoho.apiRequests.filter(({ status }) => status === 429)).toEqual([]);
  });

  it('gets the slots of a process that died, when its leases run out', async () => {
    const dying = await start();
    const crowd = anotherProcess({ leaseMs: 700 }, { ZOHO_CONCURRENCY: '2' });
    await dying.tokens.current();
    const never = new Promise<never>(() => undefined);
    void crowd.gate.run(2, () => never);
    const patient = anotherProcess({}, { ZOHO_CONCURRENCY: '2' });
    expect(await patient.gate.run(1, () => Promise.resolve('in'))).toBe('in');
  });

  it('puts work aside when no slot becomes free', async () => {
    const crowd = await start();
    const never = new Promise<never>(() => undefined);
    void crowd.gate.run(5, () => never);
    const impatient = anotherProcess({ slotWaitMs: 200 });
    await expect(impatient.gate.run(1, () => Promise.resolve())).rejects.toMatchObject({
      code: 'ZOHO.BUSY',
      ...waits,
    });
  });

  it('backs off by itself after a 429, all processes together, and comes back', async () => {
    const first = await start();
    const second = anotherProcess();
    zoho.outage = 429;
    await expect(anything(first)).rejects.toMatchObject({ code: 'ZOHO.RATE_LIMITED', ...waits });
    await expect(anything(second)).rejects.toMatchObject({ code: 'ZOHO.RATE_LIMITED', ...waits });
    expect(zoho.apiRequests).toHaveLength(1);
    expect((await first.limitHits.get()).values).toEqual([{ labels: { api: 'zoho' }, value: 1 }]);
    zoho.outage = undefined;
    expect(await waitFor('an answer', () => anything(second).catch(() => undefined))).toMatchObject({
      status: 204,
    });
  });

  it('knows spent credits by the header, and waits for them', async () => {
    const parts = await start({ credits: 100 });
    await anything(parts);
    zoho.spendCredits();
    await expect(anything(parts)).rejects.toMatchObject({ code: 'ZOHO.CREDITS_SPENT', ...waits });
    zoho.renewCredits();
    expect(await waitFor('an answer', () => anything(parts).catch(() => undefined))).toMatchObject({
      status: 204,
    });
  });

  it('opens the circuit after five faults, and closes it when Zoho is back', async () => {
    const parts = await start();
    zoho.outage = 503;
    for (let round = 0; round < 8; round += 1) {
      await expect(anything(parts)).rejects.toMatchObject({ code: 'ZOHO.UNAVAILABLE', ...waits });
    }
    expect(zoho.apiRequests).toHaveLength(5);
    expect(await parts.circuitState()).toBe(2);
    expect(await parts.health.check()).toMatchObject({
      status: 'degraded',
      details: { error: 'ZOHO.UNAVAILABLE' },
    });
    zoho.outage = undefined;
    await waitFor('an answer', () => anything(parts).catch(() => undefined));
    expect(await parts.circuitState()).toBe(0);
    expect(await parts.health.check()).toMatchObject({ status: 'up' });
  });

  it('counts a Zoho that does not answer as a fault', async () => {
    const parts = await start();
    await parts.tokens.current();
    await zoho.stop();
    await expect(anything(parts)).rejects.toMatchObject({ code: 'ZOHO.UNAVAILABLE', ...waits });
    zoho = await ZohoApiSimulator.start();
  });

  it('never renews the token for a scope that is missing', async () => {
    const parts = await start();
    zoho.missingScopes.add('coql');
    await expect(parts.records.coql('select id from Accounts')).rejects.toMatchObject({
      code: 'ZOHO.FORBIDDEN',
      retry: 'never',
    });
    expect(zoho.requests.filter(({ path }) => path === '/oauth/v2/token')).toHaveLength(1);
  });

  it('says that it is not configured, and calls nobody', async () => {
    const parts = await start();
    const without = new ZohoParts(redis.url, {});
    opened.push(without);
    await expect(anything(without)).rejects.toMatchObject({ code: 'ZOHO.NOT_CONFIGURED' });
    expect(await without.health.check()).toEqual({ status: 'up', details: { configured: false } });
    expect(await parts.health.check()).toMatchObject({ status: 'up', details: { lastCall: null } });
  });
});
