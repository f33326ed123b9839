import { gongCall } from '../factories/gong-call.factory.js';
import { PLACE } from '../support/snowflake-account.js';
import { answerBody, GongHouse } from '../support/gong-house.js';
import { SnowflakeHouse } from '../support/snowflake-house.js';
import { waitFor } from '../support/wait-for.js';
import { queryWarehouse } from '../support/warehouse-file.js';

/** How often the service is killed; `npm run test:faults` says 40. */
const KILLS = Number(process.env.FAULT_KILLS ?? '5');
const SENDERS = 8;
/** Each kill comes after so many acknowledgements of its round, drawn anew. */
const MOST_ACKNOWLEDGEMENTS = 80;
const DEADLINE_MS = 120_000 + KILLS * 60_000;

interface World {
  readonly house: GongHouse;
  query(sql: string): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

const WORLDS: [string, () => Promise<World>][] = [
  [
    'DuckDB',
    async () => {
      const house = await GongHouse.create();
      return {
        house,
        query: (sql) => queryWarehouse(house.service.warehousePath, sql),
        close: () => house.close(),
      };
    },
  ],
  [
    'Snowflake (emulated)',
    async () => {
      const snowflake = await SnowflakeHouse.create();
      const { house, emulator } = snowflake;
      return { house, query: (sql) => emulator.peek(PLACE, sql), close: () => snowflake.close() };
    },
  ],
];

describe.each(WORLDS)(`kill -9 at ${KILLS} random moments under load, writing to %s`, (_name, open) => {
  it(
    'loses no acknowledged event, and writes none twice',
    async () => {
      const world = await open();
      const { house } = world;
      const acknowledged = new Map<string, string>();
      let seed = 100_000;
      try {
        for (let kill = 0; kill < KILLS; kill += 1) {
          await house.service.start();
          let isSending = true;
          const sending = Array.from({ length: SENDERS }, async () => {
            while (isSending) {
              const call = gongCall({ seed: (seed += 1), trackers: [] });
              // A request that the kill cuts off is not acknowledged; the vendor would send it again.
              const answer = await house.post(JSON.stringify(call)).catch(() => undefined);
              if (answer?.status === 200) {
                acknowledged.set(answerBody(answer).eventIds[0] ?? '', call.callData.metaData.id);
              }
            }
          });
          const target = acknowledged.size + 1 + Math.floor(Math.random() * MOST_ACKNOWLEDGEMENTS);
          await waitFor('the moment', () => acknowledged.size >= target, {
            intervalMs: 1,
            timeoutMs: 60_000,
          });
          isSending = false;
          await house.service.kill9();
          await Promise.all(sending);
        }
        await house.service.start();
        await waitFor(
          'the backlog to be done',
          async () => {
            const names = [
              ...['waiting', 'active', 'delayed'].map(
                (state) => `queue_depth{queue="events",state="${state}"}`,
              ),
              ...['GONG_WEBHOOKS_RAW', 'GONG_CALLS_ENHANCED', 'WEBHOOK_PROCESSING_HISTORY'].map(
                (table) => `outbox_rows{table="${table}"}`,
              ),
            ];
            const values = await Promise.all(names.map((name) => house.metric(name)));
            return values.every((value) => value === 0);
          },
          { timeoutMs: 90_000 },
        );
        expect(await house.service.terminate()).toBe(0);
        for (const [table, key] of [
          ['GONG_WEBHOOKS_RAW', 'EVENT_ID'],
          ['GONG_CALLS_ENHANCED', 'CALL_ID'],
          ['WEBHOOK_PROCESSING_HISTORY', 'HISTORY_ID'],
        ]) {
          const twice = `SELECT ${key} FROM ${table} GROUP BY ${key} HAVING COUNT(*) > 1`;
          expect([table, await world.query(twice)]).toEqual([table, []]);
        }
        const idsIn = async (table: string, key: string) => {
          const rows = await world.query(`SELECT ${key} AS ID FROM ${table}`);
          return new Set(rows.map(({ ID }) => ID));
        };
        const raw = await idsIn('GONG_WEBHOOKS_RAW', 'EVENT_ID');
        const calls = await idsIn('GONG_CALLS_ENHANCED', 'CALL_ID');
        const missing = [...acknowledged].filter(
          ([eventId, callId]) => !raw.has(eventId) || !calls.has(callId),
        );
        expect(missing).toEqual([]);
        expect(acknowledged.size).toBeGreaterThanOrEqual(KILLS);
      } finally {
        await world.close();
      }
    },
    DEADLINE_MS,
  );
});
