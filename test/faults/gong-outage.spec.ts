import { gongCall } from '../factories/gong-call.factory.js';
import type { GongFault } from '../simulators/gong/gong-api.faults.js';
import { GongApiSimulator } from '../simulators/gong/gong-api.simulator.js';
import { AdminDesk, DESK_TOKENS } from '../support/admin-desk.js';
import { GongGrants } from '../support/gong-grants.js';
import { GongHouse } from '../support/gong-house.js';
import { subscribe } from '../support/subscriber.js';
import { waitFor } from '../support/wait-for.js';
import { queryWarehouse } from '../support/warehouse-file.js';

const CALLS = 60;
/** So that a batch has pages, whose cursors can expire. */
const PAGE_SIZE = 25;
const LIMIT = { timeoutMs: 240_000, intervalMs: 250 };
/** What is hours at Gong's. */
const HOURS = 20;

/** What goes wrong, and what shows that it has. */
interface Trouble {
  readonly name: string;
  readonly fault?: GongFault;
  readonly isSeen: (request: { status: number | null; cursor: string | null }) => boolean;
}

const TROUBLES: readonly Trouble[] = [
  {
    name: '429 for an hour',
    fault: { kind: 'rate-limited', retryAfterSeconds: HOURS },
    isSeen: ({ status }) => status === 429,
  },
  { name: 'the budget of the day is spent', isSeen: ({ status }) => status === 429 },
  { name: 'a storm of 5xx', fault: { kind: 'server-error' }, isSeen: ({ status }) => status === 500 },
  { name: 'sockets that hang', fault: { kind: 'hang' }, isSeen: ({ status }) => status === null },
  { name: 'connections that break', fault: { kind: 'disconnect' }, isSeen: ({ status }) => status === null },
  { name: 'answers that are not JSON', fault: { kind: 'malformed' }, isSeen: ({ status }) => status === 200 },
  {
    name: 'answers that end in the middle',
    fault: { kind: 'cut-short', endpoint: 'calls/transcript' },
    isSeen: ({ status }) => status === 200,
  },
  {
    name: 'cursors that expire',
    fault: { kind: 'cursor-expired' },
    isSeen: ({ status, cursor }) => status === 400 && cursor !== null,
  },
];

describe("Gong's API in trouble under load, one thing after another", () => {
  let gong: GongApiSimulator;
  let house: GongHouse;
  let desk: AdminDesk;
  let agent: Awaited<ReturnType<typeof subscribe>>;
  let grants: GongGrants;
  let posted = 0;

  beforeAll(async () => {
    gong = await GongApiSimulator.start({ pageSize: PAGE_SIZE, daySpentRetryAfterSeconds: HOURS });
    house = await GongHouse.open({ ...DESK_TOKENS, ...gong.environment });
    desk = new AdminDesk(house.service.url);
    agent = await subscribe(house.redis.url);
    grants = await GongGrants.watch(house.redis.url);
  });
  afterAll(async () => {
    agent.close();
    grants.close();
    await house.close();
    await gong.close();
  });

  async function postCalls(): Promise<string[]> {
    const calls = Array.from({ length: CALLS }, (_, index) => gongCall({ seed: 50_000 + posted + index }));
    posted += CALLS;
    for (const call of calls) gong.addCall(call);
    const answers = await Promise.all(calls.map((call) => house.post(JSON.stringify(call))));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    return calls.map(({ callData }) => callData.metaData.id);
  }

  /** Jobs of both event queues that are not done, waits included. */
  async function unfinished(): Promise<number> {
    const states = ['waiting', 'prioritized', 'active', 'delayed', 'failed'];
    const depths = await Promise.all(
      ['events', 'enrichment'].flatMap((queue) =>
        states.map((state) => house.metric(`queue_depth{queue="${queue}",state="${state}"}`)),
      ),
    );
    return depths.reduce((sum, depth) => sum + depth, 0);
  }

  const toldOf = (channel: string) =>
    agent.received
      .filter((received) => received.channel === channel)
      .map(({ message }) => (message.subject as { id: string }).id);

  it.each(TROUBLES)(
    '$name: no dead letter, no lost event, and everything is whole when it is over',
    async ({ fault, isSeen }) => {
      const from = gong.requests.length;
      if (fault === undefined) gong.spendDay();
      else gong.break(fault);
      const ids = await postCalls();
      await waitFor('the trouble to be met', () => gong.requests.slice(from).some(isSeen), LIMIT);
      expect((await desk.get('/dead-letters')).body.items).toEqual([]);
      if (fault === undefined) gong.startDay();
      else gong.mend();

      await waitFor('everything to be done', async () => (await unfinished()) === 0, LIMIT);
      expect((await desk.get('/dead-letters')).body.items).toEqual([]);
      expect(toldOf('sophia:gong:errors')).toEqual([]);
      for (const endpoint of ['calls/extensive', 'calls/transcript']) {
        const answered = new Set(
          gong
            .to(endpoint)
            .filter(({ status }) => status === 200)
            .flatMap(({ callIds }) => callIds),
        );
        expect(ids.filter((id) => !answered.has(id))).toEqual([]);
      }
      const told = new Set(toldOf('sophia:gong:calls'));
      expect(ids.filter((id) => !told.has(id))).toEqual([]);
    },
    600_000,
  );

  it('has in the end every event once in its raw table, and every call whole', async () => {
    expect(posted).toBe(CALLS * TROUBLES.length);
    expect(await grants.mostInOneSecond()).toBeLessThanOrEqual(3);
    expect(await grants.unearned(gong.requests.map(({ at }) => at))).toBe(0);
    expect(await house.service.terminate()).toBe(0);
    const [raw] = await queryWarehouse(
      house.service.warehousePath,
      'SELECT COUNT(*)::INTEGER AS N, COUNT(DISTINCT EVENT_ID)::INTEGER AS EVENTS FROM GONG_WEBHOOKS_RAW',
    );
    expect(raw).toEqual({ N: posted, EVENTS: posted });
    const calls = await queryWarehouse(
      house.service.warehousePath,
      'SELECT ENRICHMENT_STATUS, COUNT(*)::INTEGER AS N FROM GONG_CALLS_ENHANCED GROUP BY ALL',
    );
    expect(calls).toEqual([{ ENRICHMENT_STATUS: 'full', N: posted }]);
  });
});
