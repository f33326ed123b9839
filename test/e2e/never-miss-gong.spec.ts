import { gongCall } from '../factories/gong-call.factory.js';
import { type GongApiRequest, GongApiSimulator } from '../simulators/gong/gong-api.simulator.js';
import { GongHouse } from '../support/gong-house.js';
import { subscribe } from '../support/subscriber.js';
import { waitFor } from '../support/wait-for.js';
import { queryWarehouse } from '../support/warehouse-file.js';

const ADMIN = 'an-admin-token-of-at-least-32-characters';
const HOUR_MS = 3_600_000;

interface Run {
  readonly id: string;
  readonly status: string;
  readonly slices: number;
  readonly slicesDone: number;
  readonly seen: number;
  readonly missed: number;
  readonly repaired: number;
  readonly quotaUsed: number;
  readonly missedIds: readonly string[];
}
interface Started {
  readonly run: Run;
  readonly estimate: Record<string, number | null>;
}

/** Times of a call that took place so many hours ago. */
const hoursAgo = (hours: number) => {
  const time = new Date(Date.now() - hours * HOUR_MS).toISOString();
  return { started: time, scheduled: time };
};

describe('what the webhooks of Gong miss', () => {
  let gong: GongApiSimulator;
  let house: GongHouse;
  beforeEach(async () => {
    gong = await GongApiSimulator.start();
    house = await GongHouse.open({ ADMIN_TOKENS: `anna:${ADMIN}`, ...gong.environment });
  });
  afterEach(async () => {
    await house.close();
    await gong.close();
  });

  async function ask<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(`${house.service.url}/admin${path}`, {
      method,
      headers: { authorization: `Bearer ${ADMIN}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return (await response.json()) as T;
  }

  const start = (days: number) =>
    ask<Started>('POST', '/reconciliations', {
      vendor: 'gong',
      since: new Date(Date.now() - days * 24 * HOUR_MS).toISOString(),
    });

  const run = (id: string) => ask<Run>('GET', `/reconciliations/${id}`);

  const done = (id: string) =>
    waitFor(
      'the comparison',
      async () => {
        const now = await run(id);
        return now.status === 'done' && now;
      },
      { timeoutMs: 60_000 },
    );

  const idsOf = (requests: readonly GongApiRequest[]) => requests.flatMap(({ callIds }) => callIds);

  it('is found and enriched once; what came by webhook costs nothing and notifies nobody', async () => {
    const agent = await subscribe(house.redis.url);
    const [heard, missed] = [
      gongCall({ seed: 1, metaData: hoursAgo(3) }),
      gongCall({ seed: 2, metaData: hoursAgo(5) }),
    ];
    const [heardId, missedId] = [heard.callData.metaData.id, missed.callData.metaData.id];
    gong.addCall(heard);
    gong.addCall(missed);
    expect((await house.post(JSON.stringify(heard))).status).toBe(200);
    const told = (id: string) =>
      agent.received.filter(
        ({ channel, message }) =>
          channel === 'sophia:gong:calls' && (message.subject as { id: string }).id === id,
      ).length;
    await waitFor('the message of the webhook', () => told(heardId) === 1);
    const verify = await ask<{ lastDelivery: { signingKeyId: string } | null }>('GET', '/gong/verify');
    expect(verify.lastDelivery?.signingKeyId).toMatch(/^[0-9a-f]{16}/);
    const all = agent.received.length;

    const since = new Date(Date.now() - 48 * HOUR_MS).toISOString();
    expect(await ask('POST', '/reconciliations', { vendor: 'gong', since, dryRun: true })).toMatchObject({
      run: null,
      // The list of two days, and details and transcripts of less than a hundred calls.
      estimate: { objects: 2, requests: 4, daysOfQuota: 0 },
    });
    expect(await ask('GET', '/reconciliations')).toMatchObject({ runs: [] });
    const { run: first, estimate } = await start(2);
    expect(estimate).toMatchObject({ objects: 2, daysOfQuota: 0 });
    expect(await done(first.id)).toMatchObject({
      seen: 2,
      missed: 1,
      repaired: 1,
      quotaUsed: 2,
      missedIds: [`call:${missedId}`],
    });
    await waitFor('the message of the missed call', () => told(missedId) === 1, { timeoutMs: 60_000 });
    expect(
      agent.received.slice(all).filter(({ message }) => JSON.stringify(message).includes(heardId)),
    ).toEqual([]);
    expect(idsOf(gong.to('calls/extensive')).sort()).toEqual([heardId, missedId].sort());

    expect(await ask('GET', '/reconciliations')).toMatchObject({
      vendors: [
        { vendor: 'gong', offBecause: null, missedThisWeek: 1 },
        { vendor: 'zoho', missedThisWeek: 0 },
      ],
      runs: [{ id: first.id, missed: 1, missedIds: [`call:${missedId}`] }],
    });
    expect(await house.metric('reconciliation_missed_total{vendor="gong"}')).toBe(1);

    const second = await done((await start(2)).run.id);
    expect(second).toMatchObject({ seen: 2, missed: 0, repaired: 0 });
    expect(gong.to('calls/extensive')).toHaveLength(2);
    expect([told(heardId), told(missedId)]).toEqual([1, 1]);
    agent.close();

    expect(await house.service.terminate()).toBe(0);
    const rows = await queryWarehouse(
      house.service.warehousePath,
      'SELECT CALL_ID, ENRICHMENT_STATUS FROM GONG_CALLS_ENHANCED ORDER BY CALL_ID',
    );
    expect(rows).toEqual(
      [heardId, missedId].sort().map((CALL_ID) => ({ CALL_ID, ENRICHMENT_STATUS: 'full' })),
    );
  }, 120_000);

  it('can be paused, taken up again, and cancelled', async () => {
    const { run: begun } = await start(60);
    await ask('POST', `/reconciliations/${begun.id}/pause`);
    const paused = await waitFor('the pause', async () => {
      const now = await run(begun.id);
      return now.status === 'paused' && now;
    });
    expect(paused.slicesDone).toBeLessThan(60);
    expect(await ask('POST', `/reconciliations/${begun.id}/resume`)).toMatchObject({ status: 'waiting' });
    await waitFor('it to go on', async () => (await run(begun.id)).slicesDone > paused.slicesDone + 1);
    expect(await ask('POST', `/reconciliations/${begun.id}/cancel`)).toMatchObject({ status: 'cancelled' });
  });
});

describe('without credentials', () => {
  it('says that comparisons are off and why', async () => {
    const house = await GongHouse.open({ ADMIN_TOKENS: `anna:${ADMIN}` });
    try {
      const response = await fetch(`${house.service.url}/admin/reconciliations`, {
        method: 'POST',
        headers: { authorization: `Bearer ${ADMIN}`, 'content-type': 'application/json' },
        body: JSON.stringify({ vendor: 'gong', since: new Date(Date.now() - HOUR_MS).toISOString() }),
      });
      expect(response.status).toBe(409);
      expect(await response.json()).toMatchObject({ code: 'RECONCILIATION.OFF' });
      // The log is written once a second.
      await waitFor('the reason in the log', () => house.service.output.includes('reconciliation.off'));
    } finally {
      await house.close();
    }
  });
});
