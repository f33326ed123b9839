import { PLACE } from '../support/snowflake-account.js';
import { answerBody, type GongHouse } from '../support/gong-house.js';
import { SnowflakeHouse } from '../support/snowflake-house.js';
import { waitFor } from '../support/wait-for.js';

/** How long the warehouse is away; the fault suite makes it ten minutes with FAULT_OUTAGE_SECONDS=600. */
const OUTAGE_MS = Number(process.env.FAULT_OUTAGE_SECONDS ?? '6') * 1000;
const PATIENCE_MS = 60_000;

async function eventsDone(house: GongHouse): Promise<boolean> {
  const states = ['waiting', 'active', 'delayed'].map((state) =>
    house.metric(`queue_depth{queue="events",state="${state}"}`),
  );
  return (await Promise.all(states)).every((depth) => depth === 0);
}

describe('a warehouse that goes away under load', () => {
  let snowflake: SnowflakeHouse;
  beforeEach(async () => {
    snowflake = await SnowflakeHouse.create();
    await snowflake.house.service.start();
  }, PATIENCE_MS);
  afterEach(() => snowflake.close(), PATIENCE_MS);

  it(
    'stops nothing but the loader: no event burns an attempt, and afterwards every row is there once',
    async () => {
      const { house, emulator } = snowflake;
      const acknowledged: string[] = [];
      let seed = 5000;
      const send = async (count: number) => {
        for (let sent = 0; sent < count; sent += 1) {
          const answer = await house.postCall({ seed: (seed += 1), trackers: [] });
          expect(answer.status).toBe(200);
          acknowledged.push(answerBody(answer).eventIds[0] ?? '');
        }
      };
      await send(20);
      await emulator.goDown();
      const until = Date.now() + OUTAGE_MS;
      while (Date.now() < until) await send(5);
      await waitFor('the events to be done without the warehouse', () => eventsDone(house), {
        timeoutMs: PATIENCE_MS,
      });
      const health = await waitFor(
        'health to say that the circuit is open',
        async () => {
          const response = await fetch(`${house.service.url}/health`);
          const body = JSON.stringify(await response.json());
          return body.includes('"circuit":"open"') && { status: response.status };
        },
        { timeoutMs: PATIENCE_MS },
      );
      expect(health.status).toBe(200);
      expect(await house.metric('circuit_state{dependency="warehouse"}')).toBeGreaterThan(0);
      expect((await fetch(`${house.service.url}/health/ready`)).status).toBe(200);
      await emulator.goUp();
      await waitFor(
        'the rows',
        async () => {
          const [row] = await emulator.peek(PLACE, 'SELECT COUNT(*)::INTEGER AS N FROM GONG_CALLS_ENHANCED');
          return row?.N === acknowledged.length;
        },
        { timeoutMs: 2 * PATIENCE_MS },
      );
      expect(await house.service.terminate()).toBe(0);
      const raw = await emulator.peek(PLACE, 'SELECT EVENT_ID FROM GONG_WEBHOOKS_RAW');
      expect(raw.map(({ EVENT_ID }) => EVENT_ID).sort()).toEqual(acknowledged.sort());
      const [history] = await emulator.peek(
        PLACE,
        'SELECT MAX(ATTEMPT)::INTEGER AS ATTEMPTS, COUNT(*)::INTEGER AS N, COUNT(DISTINCT HISTORY_ID)::INTEGER AS IDS ' +
          'FROM WEBHOOK_PROCESSING_HISTORY',
      );
      expect(history?.ATTEMPTS).toBe(1);
      expect(history?.N).toBe(history?.IDS);
    },
    OUTAGE_MS + 4 * PATIENCE_MS,
  );

  it(
    'may lose any answer after its commit: every row is there once',
    async () => {
      const { house, emulator } = snowflake;
      emulator.faults.resetAfterCommit(/query-request MERGE INTO GONG/, 6);
      const ids = await Promise.all(
        Array.from({ length: 40 }, async (_item, index) => {
          const answer = await house.postCall({ seed: 7000 + index, trackers: [] });
          return answerBody(answer).eventIds[0] ?? '';
        }),
      );
      await waitFor(
        'the outbox to be empty',
        async () =>
          (await eventsDone(house)) &&
          (await house.metric('outbox_rows{table="GONG_WEBHOOKS_RAW"}')) === 0 &&
          (await house.metric('outbox_rows{table="GONG_CALLS_ENHANCED"}')) === 0,
        { timeoutMs: PATIENCE_MS },
      );
      const raw = await emulator.peek(PLACE, 'SELECT EVENT_ID FROM GONG_WEBHOOKS_RAW');
      expect(raw.map(({ EVENT_ID }) => EVENT_ID).sort()).toEqual(ids.sort());
      const calls = await emulator.peek(PLACE, 'SELECT CALL_ID FROM GONG_CALLS_ENHANCED');
      expect(calls.length).toBe(40);
      expect(new Set(calls.map(({ CALL_ID }) => CALL_ID)).size).toBe(40);
    },
    3 * PATIENCE_MS,
  );
});
