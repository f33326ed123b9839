import { AdminDesk, DESK_TOKENS } from '../support/admin-desk.js';
import { PLACE } from '../support/snowflake-account.js';
import { answerBody, type GongHouse } from '../support/gong-house.js';
import { SnowflakeHouse } from '../support/snowflake-house.js';
import { steadily } from '../support/steady-load.js';
import { waitFor } from '../support/wait-for.js';

/** How long the warehouse is away, and how many calls come in each second meanwhile; 600 is the ten minutes. */
const OUTAGE_MS = Number(process.env.FAULT_OUTAGE_SECONDS ?? '6') * 1000;
const EVENTS_PER_SECOND = Number(process.env.FAULT_OUTAGE_RATE ?? '20');
const PATIENCE_MS = 60_000;
/** What piled up must be written too; the emulator keeps no index, and slows down as its tables grow. */
const RECOVERY_MS = 2 * PATIENCE_MS + 2 * OUTAGE_MS;
const STATES = ['waiting', 'active', 'delayed'].map(
  (state) => `queue_depth{queue="events",state="${state}"}`,
);

async function eventsDone(house: GongHouse): Promise<boolean> {
  const depths = await Promise.all(STATES.map((state) => house.metric(state)));
  return depths.every((depth) => depth === 0);
}

async function total(house: GongHouse, gauge: string): Promise<number> {
  const text = await (await fetch(`${house.service.url}/metrics`)).text();
  const values = [...text.matchAll(new RegExp(`^${gauge}\\{[^}]*\\} (\\S+)$`, 'gm'))];
  return values.reduce((sum, [, value]) => sum + Number(value), 0);
}

/** The most that was seen of each figure, looked at each second until it is stopped. */
class HighWater {
  outboxRows = 0;
  outboxBytes = 0;
  queueDepth = 0;
  private readonly watching: Promise<void>;
  private isStopped = false;

  constructor(private readonly house: GongHouse) {
    this.watching = this.watch();
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await this.watching;
  }

  private async watch(): Promise<void> {
    while (!this.isStopped) {
      this.outboxRows = Math.max(this.outboxRows, await total(this.house, 'outbox_rows'));
      this.outboxBytes = Math.max(this.outboxBytes, await total(this.house, 'outbox_bytes'));
      const depths = await Promise.all(STATES.map((state) => this.house.metric(state)));
      this.queueDepth = Math.max(
        this.queueDepth,
        depths.reduce((sum, depth) => sum + depth, 0),
      );
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
  }
}

describe('a warehouse that goes away under load', () => {
  let snowflake: SnowflakeHouse;
  beforeEach(async () => {
    snowflake = await SnowflakeHouse.create(DESK_TOKENS);
    await snowflake.house.service.start();
  }, PATIENCE_MS);
  afterEach(() => snowflake.close(), PATIENCE_MS);

  it(
    'stops nothing but the loader: no event burns an attempt, and afterwards every row is there once',
    async () => {
      const { house, emulator } = snowflake;
      const post = async (seed: number) => {
        const answer = await house.postCall({ seed, trackers: [] });
        expect(answer.status).toBe(200);
        return answerBody(answer).eventIds[0] ?? '';
      };
      const load = { perSecond: EVENTS_PER_SECOND, forMs: OUTAGE_MS };
      const before = await steadily({ ...load, forMs: 1_000 }, (index) => post(5_000 + index));
      await emulator.goDown();
      const most = new HighWater(house);
      const during = await steadily(load, (index) => post(10_000 + index));
      const acknowledged = [...before, ...during];
      await waitFor('the events to be done without the warehouse', () => eventsDone(house), {
        timeoutMs: PATIENCE_MS,
      });
      await most.stop();
      expect(most.outboxBytes).toBeGreaterThan(0);
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
      const desk = new AdminDesk(house.service.url);
      const { body } = await desk.get(`/events/${acknowledged.at(-1) ?? ''}`);
      expect(body).toMatchObject({ status: 'processed', isWarehouseRead: false });
      expect(body.nextSteps).toEqual([
        expect.stringMatching(
          /GONG_WEBHOOKS_RAW.* wait for the warehouse, which does not answer: nothing is lost/,
        ),
      ]);
      expect(await desk.get(`/events/${'a'.repeat(64)}`)).toMatchObject({
        status: 503,
        body: { code: 'WAREHOUSE.UNAVAILABLE' },
      });
      expect(await house.metric('circuit_state{dependency="warehouse"}')).toBeGreaterThan(0);
      expect((await fetch(`${house.service.url}/health/ready`)).status).toBe(200);
      const backAt = performance.now();
      await emulator.goUp();
      await waitFor('the outbox to be empty', async () => (await total(house, 'outbox_rows')) === 0, {
        timeoutMs: RECOVERY_MS,
        intervalMs: 200,
      });
      const recoverySeconds = (performance.now() - backAt) / 1000;
      expect(await total(house, 'outbox_bytes')).toBe(0);
      expect(await total(house, 'dead_letters')).toBe(0);
      expect(await house.service.terminate()).toBe(0);
      const raw = await emulator.peek(PLACE, 'SELECT EVENT_ID FROM GONG_WEBHOOKS_RAW');
      expect(raw.map(({ EVENT_ID }) => EVENT_ID).sort()).toEqual(acknowledged.sort());
      const [calls] = await emulator.peek(
        PLACE,
        'SELECT COUNT(*)::INTEGER AS N, COUNT(DISTINCT CALL_ID)::INTEGER AS IDS FROM GONG_CALLS_ENHANCED',
      );
      expect(calls).toEqual({ N: acknowledged.length, IDS: acknowledged.length });
      const [history] = await emulator.peek(
        PLACE,
        'SELECT MAX(ATTEMPT)::INTEGER AS ATTEMPTS, COUNT(*)::INTEGER AS N, COUNT(DISTINCT HISTORY_ID)::INTEGER AS IDS ' +
          'FROM WEBHOOK_PROCESSING_HISTORY',
      );
      expect(history?.ATTEMPTS).toBe(1);
      expect(history?.N).toBe(history?.IDS);
      const { outboxRows, outboxBytes, queueDepth } = most;
      const figures = { events: during.length, outboxRows, outboxBytes, queueDepth, recoverySeconds };
      process.stdout.write(`away for ${OUTAGE_MS / 1000} s, at most: ${JSON.stringify(figures)}\n`);
    },
    OUTAGE_MS + RECOVERY_MS + 4 * PATIENCE_MS,
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
