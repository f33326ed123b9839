import { Redis } from 'ioredis';
import { gongCall } from '../factories/gong-call.factory.js';
import { GongApiSimulator } from '../simulators/gong/gong-api.simulator.js';
import { ADMIN_TOKEN, AdminDesk, DESK_TOKENS } from '../support/admin-desk.js';
import { GongGrants } from '../support/gong-grants.js';
import { GongHouse } from '../support/gong-house.js';
import { waitFor } from '../support/wait-for.js';
import { queryWarehouse } from '../support/warehouse-file.js';

/** `BACKFILL_CALLS=500` for a quick look. */
const CALLS = Number(process.env.BACKFILL_CALLS ?? 5_000);
/** Less than a page, so that a day's list is one request. */
const CALLS_PER_DAY = 90;
const DAYS = Math.ceil(CALLS / CALLS_PER_DAY);
const HOUR_MS = 3_600_000;
const LIMIT = { timeoutMs: 480_000, intervalMs: 250 };
const QUEUE = '{tributary}:enrichment';

interface Run {
  readonly id: string;
  readonly status: string;
  readonly slicesDone: number;
  readonly repaired: number;
  readonly quotaUsed: number;
}

describe(`a backfill of ${CALLS} calls at the true limits of Gong, killed (-9) in the middle`, () => {
  let gong: GongApiSimulator;
  let house: GongHouse;
  let redis: Redis;
  let desk: AdminDesk;
  let grants: GongGrants;

  beforeAll(async () => {
    gong = await GongApiSimulator.start();
    house = await GongHouse.open({ ...DESK_TOKENS, ...gong.environment });
    redis = new Redis(house.redis.url);
    grants = await GongGrants.watch(house.redis.url);
    desk = new AdminDesk(house.service.url);
    // A call for each quarter of an hour or so, the oldest first.
    for (let index = 0; index < CALLS; index += 1) {
      const hours = 1 + (index * (DAYS * 24 - 2)) / CALLS;
      const time = new Date(Date.now() - hours * HOUR_MS).toISOString();
      gong.addCall(gongCall({ seed: 20_000 + index, metaData: { started: time, scheduled: time } }));
    }
  });
  afterAll(async () => {
    grants.close();
    redis.disconnect();
    await house.close();
    await gong.close();
  });

  const run = async (id: string) => (await desk.get(`/reconciliations/${id}`)).body as unknown as Run;
  const askedIds = () => gong.to('calls/extensive').flatMap(({ callIds }) => callIds);

  async function countedRequests(): Promise<Record<'live' | 'reconciliation', number>> {
    const counts = Object.entries(await redis.hgetall('{tributary}:gong:budget'));
    const sum = (purpose: string) =>
      counts
        .filter(([name]) => name.endsWith(`:${purpose}`))
        .reduce((total, [, count]) => total + Number(count), 0);
    return { live: sum('live'), reconciliation: sum('reconciliation') };
  }

  it('resumes, asks for no call twice but those whose job was interrupted, lets a new call pass, and keeps to its quota', async () => {
    const since = new Date(Date.now() - DAYS * 24 * HOUR_MS).toISOString();
    const order = { vendor: 'gong', since };
    const { body: before } = await desk.ask('POST', '/reconciliations', { ...order, dryRun: true });
    expect(before).toMatchObject({
      run: null,
      estimate: { objects: CALLS, requests: expect.any(Number) as number, daysOfQuota: 0 },
    });
    const startedAt = Date.now();
    const { body: started } = await desk.ask('POST', '/reconciliations', order, ADMIN_TOKEN);
    const { id } = started.run as Run;

    const rows = () => house.metric('warehouse_rows_total{table="GONG_CALLS_ENHANCED"}');
    await waitFor('the middle', async () => (await rows()) > CALLS / 3, LIMIT);
    await house.service.kill9();
    const inHand = await redis.llen(`${QUEUE}:active`);
    const askedBefore = askedIds();
    const atKill = await countedRequests();

    await house.service.start();
    await waitFor('it to go on', () => askedIds().length > askedBefore.length, LIMIT);
    // Somebody waits for this one: hundreds of others are before it in the queue.
    const [fresh, requestsBefore] = [gongCall({ seed: 7 }), gong.requests.length];
    gong.addCall(fresh);
    expect((await house.post(JSON.stringify(fresh))).status).toBe(200);
    const freshId = fresh.callData.metaData.id;
    await waitFor('the new call to be asked for', () => askedIds().includes(freshId), LIMIT);
    const until = gong.requests.findIndex(({ callIds }) => callIds.includes(freshId));

    await waitFor('the end of the backfill', async () => (await run(id)).status === 'done', LIMIT);
    const counts = (state: string) => house.metric(`queue_depth{queue="enrichment",state="${state}"}`);
    await waitFor(
      'all calls to be worked on',
      async () => {
        const left = await Promise.all(['waiting', 'prioritized', 'active', 'delayed'].map(counts));
        return (
          left.every((count) => count === 0) &&
          (await house.metric('queue_depth{queue="events",state="active"}')) === 0
        );
      },
      LIMIT,
    );
    const seconds = Math.round((Date.now() - startedAt) / 1000);
    const ended = await run(id);
    expect(ended).toMatchObject({ seen: CALLS, missed: CALLS, repaired: CALLS, slicesDone: DAYS });

    // Needless is to ask again for a call whose job did not have to be taken up again: because its process died with
    // it, or (on a machine that is too busy) could not prove in time that it lives.
    const asked = askedIds();
    const askedAgain = asked.length - new Set(asked).size;
    const takenUpAgain = house.service.output.split('job.taken_up_again').length - 1;
    expect(new Set(asked).size).toBe(CALLS + 1);
    expect(takenUpAgain).toBeGreaterThanOrEqual(inHand);
    expect(askedAgain).toBeLessThanOrEqual(takenUpAgain);
    // One page for each day, those for the two estimates, and the one that was under way.
    const listed = gong.to('calls').length;
    expect(listed).toBeGreaterThanOrEqual(DAYS + 2);
    expect(listed).toBeLessThanOrEqual(DAYS + 3);

    expect(await grants.mostInOneSecond()).toBeLessThanOrEqual(3);
    expect(await grants.unearned(gong.requests.map(({ at }) => at))).toBe(0);
    const counted = await countedRequests();
    // Nothing was asked that was not counted; a token may have died with the process.
    const total = counted.live + counted.reconciliation;
    expect(total).toBeGreaterThanOrEqual(gong.requests.length);
    expect(total).toBeLessThanOrEqual(gong.requests.length + 4);
    expect(counted.reconciliation).toBeLessThanOrEqual(1_000);
    // All that somebody waited for: the new call, once.
    expect(counted.live).toBeLessThanOrEqual(2 + atKill.live);
    expect(until - requestsBefore).toBeLessThanOrEqual(6);
    expect(gong.to('calls/extensive').at(-1)?.callIds).not.toContain(freshId);

    expect(await house.service.terminate()).toBe(0);
    const [row] = await queryWarehouse(
      house.service.warehousePath,
      `SELECT COUNT(*)::INTEGER AS N, COUNT(DISTINCT CALL_ID)::INTEGER AS CALLS FROM GONG_CALLS_ENHANCED
       WHERE ENRICHMENT_STATUS = 'full'`,
    );
    expect(row).toEqual({ N: CALLS + 1, CALLS: CALLS + 1 });
    console.info(
      `backfill of ${CALLS}: ${seconds} s, ${gong.requests.length} requests (${listed} lists, ` +
        `${gong.to('calls/extensive').length} extensive, ${gong.to('calls/transcript').length} transcript), ` +
        `${askedAgain} calls asked again, ${takenUpAgain} taken up again of which ${inHand} were in hand at the kill, ` +
        `${until - requestsBefore} requests before the new call's, at most ${await grants.mostInOneSecond()} tokens and ${gong.mostPerSecond()} arrivals in a second`,
    );
  }, 1_200_000);
});
