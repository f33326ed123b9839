import { gongCall } from '../factories/gong-call.factory.js';
import { gongTranscript } from '../factories/gong-api-call.factory.js';
import { GongApiSimulator } from '../simulators/gong/gong-api.simulator.js';
import { GongGrants } from '../support/gong-grants.js';
import { GongHouse } from '../support/gong-house.js';
import { subscribe } from '../support/subscriber.js';
import { waitFor } from '../support/wait-for.js';
import { queryWarehouse } from '../support/warehouse-file.js';

/** Two and more requests' worth; 500 at once are in the tests of the enrichment, and in faults/gong-two-workers. */
const CALLS = 150;

describe("a Gong call, with Gong's API", () => {
  let gong: GongApiSimulator;
  let house: GongHouse;
  beforeAll(async () => {
    gong = await GongApiSimulator.start();
    house = await GongHouse.open(gong.environment);
  });
  afterAll(async () => {
    await house.close();
    await gong.close();
  });

  it('becomes a full row with its transcript and a meeting beside it, for two requests', async () => {
    const agent = await subscribe(house.redis.url);
    const metaData = { id: '81234567890123456789' };
    const call = gongCall({ seed: 7, metaData });
    gong.addCall(call);
    expect(await house.postCall({ seed: 7, metaData })).toMatchObject({ status: 200 });
    await waitFor('the message', () => agent.received.length > 0);
    agent.close();
    expect(gong.requests.map(({ endpoint, status }) => [endpoint, status])).toEqual([
      ['calls/extensive', 200],
      ['calls/transcript', 200],
    ]);

    const health = (await (await fetch(`${house.service.url}/health`)).json()) as {
      details: Record<string, { status: string }>;
    };
    expect(health.details.gong).toMatchObject({
      status: 'up',
      lastCall: { endpoint: 'calls/transcript', status: '200' },
      budgetLeft: 9_998,
    });
    expect(await house.metric('gong_daily_budget_remaining')).toBe(9_998);
    expect(await house.metric('gong_api_calls_total{endpoint="calls/extensive",status="200"}')).toBe(1);
    expect(await house.metric('circuit_state{dependency="gong"}')).toBe(0);

    expect(await house.service.terminate()).toBe(0);
    const rows = await queryWarehouse(
      house.service.warehousePath,
      'SELECT ENRICHMENT_STATUS, REVISION, TRANSCRIPT, ANALYTICS, DEAL_ID FROM GONG_CALLS_ENHANCED',
    );
    expect(rows).toMatchObject([
      { ENRICHMENT_STATUS: 'full', REVISION: '20000000000000', DEAL_ID: expect.any(String) as string },
    ]);
    expect(JSON.parse(String(rows[0]?.TRANSCRIPT))).toEqual(gongTranscript(call));
    expect(JSON.parse(String(rows[0]?.ANALYTICS))).toMatchObject({
      content: { brief: expect.any(String) as string },
    });
    const meetings = await queryWarehouse(
      house.service.warehousePath,
      'SELECT CALL_ID FROM GONG_MEETINGS_ENHANCED',
    );
    expect(meetings).toEqual([{ CALL_ID: '81234567890123456789' }]);
  });
});

describe('many Gong calls at once', () => {
  let gong: GongApiSimulator;
  let house: GongHouse;
  let grants: GongGrants;
  beforeEach(async () => {
    // The limit is proven by the tokens: on a busy machine requests may leave in time and arrive together.
    gong = await GongApiSimulator.start({ perSecond: 1_000 });
    house = await GongHouse.open(gong.environment);
    grants = await GongGrants.watch(house.redis.url);
  });
  afterEach(async () => {
    grants.close();
    await house.close();
    await gong.close();
  });

  async function postCalls(count: number): Promise<void> {
    const seeds = Array.from({ length: count }, (_, index) => 10_000 + index);
    for (const seed of seeds) gong.addCall(gongCall({ seed }));
    await Promise.all(seeds.map(postAsGong));
  }

  /** Gong posts again what was answered with an error, as it is where Redis has no time for two seconds. */
  async function postAsGong(seed: number): Promise<void> {
    await waitFor('the call to be taken', async () => (await house.postCall({ seed })).status === 200, {
      timeoutMs: 55_000,
      intervalMs: 500,
    });
  }

  async function storedStatuses(): Promise<unknown[]> {
    expect(await house.service.terminate()).toBe(0);
    return queryWarehouse(
      house.service.warehousePath,
      'SELECT ENRICHMENT_STATUS AS status, count(*)::INTEGER AS n FROM GONG_CALLS_ENHANCED GROUP BY ALL',
    );
  }

  it('are all whole for a handful of requests, none of them refused', async () => {
    const agent = await subscribe(house.redis.url);
    await postCalls(CALLS);
    // Where a machine is so slow that a call is told of without its transcript first, a second message supersedes it.
    const heard = () =>
      agent.received.filter(
        ({ channel, message }) => channel === 'sophia:gong:calls' && message.supersedes === undefined,
      ).length;
    await waitFor('a message for each call', () => heard() >= CALLS, { timeoutMs: 55_000 });
    agent.close();
    expect(heard()).toBe(CALLS);
    expect(gong.requests.length).toBeLessThanOrEqual(20);
    expect(await grants.mostInOneSecond()).toBeLessThanOrEqual(3);
    expect(await grants.unearned(gong.requests.map(({ at }) => at))).toBe(0);
    expect(gong.requests.filter(({ status }) => status !== 200)).toEqual([]);
    expect(await storedStatuses()).toEqual([{ status: 'full', n: CALLS }]);
  }, 120_000);

  it.each([
    ['tells everybody to wait an hour', { kind: 'rate-limited', retryAfterSeconds: 3_600 }],
    ['answers nothing but 500', { kind: 'server-error' }],
  ] as const)(
    'have rows and messages while Gong %s, and no dead letter',
    async (_what, fault) => {
      gong.break(fault);
      const agent = await subscribe(house.redis.url);
      await postCalls(20);
      const heard = () => agent.received.filter(({ channel }) => channel === 'sophia:gong:calls').length;
      await waitFor('a message for each call', () => heard() >= 20, { timeoutMs: 55_000 });
      expect(agent.received.filter(({ channel }) => channel === 'sophia:gong:errors')).toEqual([]);
      agent.close();
      expect(await storedStatuses()).toEqual([{ status: 'partial', n: 20 }]);
    },
    120_000,
  );
});
