import { rmSync } from 'node:fs';
import { DuckDbWarehouse } from '../../src/warehouse/duckdb/duckdb.warehouse.js';
import { gongCall } from '../factories/gong-call.factory.js';
import { GongHouse } from '../support/gong-house.js';
import { steadily } from '../support/steady-load.js';
import { waitFor } from '../support/wait-for.js';
import type { BenchOptions, BenchResult } from './bench-result.js';

const EVENTS_PER_SECOND = 100;
const SECONDS = 15;
/** Rows of each table that are there before, small and large. */
const ROWS_BEFORE = { few: 10_000, many: Number(process.env.BENCH_ROWS_BEFORE ?? '1000000') };
const QUICK = { few: 1_000, many: 20_000, seconds: 3 };
/** Rows are made in pieces, because they are made within the memory limit of the embedded warehouse. */
const ROWS_A_PIECE = 100_000;

/** One for each table that an event comes to; `i` is the number of a row. */
const FILLINGS = [
  'INSERT INTO GONG_WEBHOOKS_RAW (EVENT_ID, TENANT, SOURCE, EVENT_TYPE, OBJECT_ID, BODY, BODY_ENCODING, ' +
    "PAYLOAD_SHA256, RECEIVED_AT, LOADED_AT) SELECT sha256('raw ' || i), 'main', 'gong', 'call', i::VARCHAR, " +
    "repeat(sha256(i::VARCHAR), 16), 'utf8', sha256('body ' || i), now(), now()",
  'INSERT INTO GONG_CALLS_ENHANCED (CALL_ID, TENANT, TITLE, PRIORITY, ENRICHMENT_STATUS, SOURCE_EVENT_ID, ' +
    "ROW_VERSION, REVISION, UPDATED_AT) SELECT 'before-' || i, 'main', 'A call', 'low', 'full', " +
    "sha256('raw ' || i), 1, 1, now()",
  'INSERT INTO WEBHOOK_PROCESSING_HISTORY (HISTORY_ID, TENANT, EVENT_ID, SOURCE, EVENT_TYPE, STAGE, STATUS, ' +
    "ATTEMPT, DURATION_MS, OCCURRED_AT, LOADED_AT) SELECT sha256('history ' || i), 'main', sha256('raw ' || i), " +
    "'gong', 'call', 'land', 'completed', 1, 5, now(), now()",
];

/**
 * The built service with DuckDB, as a process, at 100 signed calls a second: from the reception of a webhook to the
 * commit of its row, with few rows and with a million in each of the tables.
 */
export async function run({ isQuick, say }: BenchOptions): Promise<BenchResult> {
  const { few, many } = isQuick ? QUICK : ROWS_BEFORE;
  const seconds = isQuick ? QUICK.seconds : SECONDS;
  const small = await measure(few, seconds, say);
  const large = await measure(many, seconds, say);
  return {
    figures: { [`${few} rows before`]: small, [`${many} rows before`]: large },
    ratios: {
      [`p95 in seconds with ${many} rows before`]: { value: large['p95 s'] ?? NaN, target: { atMost: 2 } },
      [`p95, ${many} : ${few} rows before`]: { value: (large['p95 s'] ?? NaN) / (small['p95 s'] ?? NaN) },
    },
    notes: [
      'The times are those of the metric event_to_row_seconds, interpolated within its buckets as Prometheus does.',
    ],
  };
}

async function measure(
  rowsBefore: number,
  seconds: number,
  say: BenchOptions['say'],
): Promise<Record<string, number>> {
  const house = await GongHouse.create();
  try {
    say(`${rowsBefore} rows in each of ${FILLINGS.length} tables`);
    await fill(house.service.warehousePath, rowsBefore);
    await house.service.start();
    say(`${EVENTS_PER_SECOND} events/s for ${seconds} s`);
    const cpuBefore = house.service.cpuMs;
    const load = { perSecond: EVENTS_PER_SECOND, forMs: seconds * 1000 };
    const statuses = await steadily(load, async (index) => {
      return (await house.post(JSON.stringify(gongCall({ seed: 500_000 + index })))).status;
    });
    const accepted = statuses.filter((status) => status === 200).length;
    const counted = 'event_to_row_seconds_count{vendor="gong"}';
    await waitFor('the rows', async () => (await house.metric(counted)) >= accepted, { timeoutMs: 120_000 });
    const ages = await buckets(house);
    return {
      'events/s': EVENTS_PER_SECOND,
      accepted,
      'p50 s': quantile(ages, 0.5),
      'p95 s': quantile(ages, 0.95),
      'p99 s': quantile(ages, 0.99),
      'mean flush ms': await meanFlushMs(house),
      'CPU ms/event': (house.service.cpuMs - cpuBefore) / accepted,
      'RSS MiB': house.service.residentBytes / 2 ** 20,
    };
  } finally {
    await house.close();
    rmSync(house.service.dataDir, { recursive: true, force: true });
  }
}

async function fill(path: string, rows: number): Promise<void> {
  const warehouse = new DuckDbWarehouse(path);
  await warehouse.open();
  for (const filling of FILLINGS) {
    for (let from = 0; from < rows; from += ROWS_A_PIECE) {
      const to = Math.min(rows, from + ROWS_A_PIECE);
      await warehouse.upkeep.execute({ sql: `${filling} FROM range(${from}, ${to}) AS r(i)` });
    }
  }
  await warehouse.close();
}

async function meanFlushMs(house: GongHouse): Promise<number> {
  const sum = await house.metric('warehouse_flush_duration_seconds_sum');
  return (sum * 1000) / (await house.metric('warehouse_flush_duration_seconds_count'));
}

interface Bucket {
  readonly bound: number;
  /** How many took at most so long. */
  readonly count: number;
}

async function buckets(house: GongHouse): Promise<Bucket[]> {
  const text = await (await fetch(`${house.service.url}/metrics`)).text();
  const lines = text.matchAll(/^event_to_row_seconds_bucket\{le="([^"]+)",vendor="gong"\} (\d+)$/gm);
  return [...lines].map(([, bound, count]) => ({
    bound: bound === '+Inf' ? Number.POSITIVE_INFINITY : Number(bound),
    count: Number(count),
  }));
}

function quantile(ages: readonly Bucket[], share: number): number {
  const wanted = share * (ages.at(-1)?.count ?? 0);
  const index = ages.findIndex(({ count }) => count >= wanted);
  const { bound: from, count: below } = ages[index - 1] ?? { bound: 0, count: 0 };
  const { bound: to, count: upTo } = ages[index] ?? { bound: NaN, count: NaN };
  return from + ((to - from) * (wanted - below)) / (upTo - below);
}
