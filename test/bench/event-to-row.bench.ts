import { rmSync } from 'node:fs';
import { gongCall } from '../factories/gong-call.factory.js';
import { DuckDbWarehouse } from '../../src/warehouse/duckdb/duckdb.warehouse.js';
import { GongHouse } from '../support/gong-house.js';
import { waitFor } from '../support/wait-for.js';

const EVENTS_PER_SECOND = 100;
const SECONDS = 15;
const ROWS_BEFORE = 1_000_000;
/** Rows are made in pieces, because they are made within the memory limit of the embedded warehouse. */
const ROWS_A_PIECE = 100_000;

export interface EventToRowFigures {
  readonly rowsBefore: number;
  readonly eventsPerSecond: number;
  readonly events: number;
  /** Upper bounds in seconds, from the buckets of `event_to_row_seconds`: from the webhook to the committed row. */
  readonly p50AtMostSeconds: number;
  readonly p95AtMostSeconds: number;
}

/** The built service with DuckDB, as a process, at 100 signed calls a second, with a million raw rows already there. */
export async function benchEventToRow(): Promise<EventToRowFigures> {
  const house = await GongHouse.create();
  try {
    await fill(house.service.warehousePath);
    await house.service.start();
    const events = await send(house);
    await waitFor(
      'the rows',
      async () => (await house.metric('event_to_row_seconds_count{vendor="gong"}')) >= events,
      {
        timeoutMs: 120_000,
      },
    );
    return {
      rowsBefore: ROWS_BEFORE,
      eventsPerSecond: EVENTS_PER_SECOND,
      events,
      p50AtMostSeconds: await percentile(house, 0.5),
      p95AtMostSeconds: await percentile(house, 0.95),
    };
  } finally {
    await house.close();
    rmSync(house.service.dataDir, { recursive: true, force: true });
  }
}

async function fill(path: string): Promise<void> {
  const warehouse = new DuckDbWarehouse(path);
  await warehouse.open();
  for (let from = 0; from < ROWS_BEFORE; from += ROWS_A_PIECE) {
    await warehouse.upkeep.execute({
      sql:
        'INSERT INTO GONG_WEBHOOKS_RAW (EVENT_ID, TENANT, SOURCE, EVENT_TYPE, OBJECT_ID, BODY, BODY_ENCODING, ' +
        "PAYLOAD_SHA256, RECEIVED_AT, LOADED_AT) SELECT sha256(i::VARCHAR), 'main', 'gong', 'call', i::VARCHAR, " +
        `'{"call":' || i || '}', 'utf8', sha256(i::VARCHAR), now(), now() FROM range(${from}, ${from + ROWS_A_PIECE}) AS r(i)`,
    });
  }
  await warehouse.close();
}

/** Sends at a steady pace, whatever the answers take. @returns how many were accepted. */
async function send(house: GongHouse): Promise<number> {
  const startedAt = performance.now();
  const answers: Promise<boolean>[] = [];
  const total = EVENTS_PER_SECOND * SECONDS;
  while (answers.length < total) {
    const due = Math.min(total, Math.floor(((performance.now() - startedAt) * EVENTS_PER_SECOND) / 1000));
    while (answers.length < due) {
      const body = JSON.stringify(gongCall({ seed: 500_000 + answers.length }));
      answers.push(house.post(body).then(({ status }) => status === 200));
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return (await Promise.all(answers)).filter((isAccepted) => isAccepted).length;
}

async function percentile(house: GongHouse, share: number): Promise<number> {
  const text = await (await fetch(`${house.service.url}/metrics`)).text();
  const buckets = [
    ...text.matchAll(/^event_to_row_seconds_bucket\{le="([^"]+)",vendor="gong"\} (\d+)$/gm),
  ].map(([, bound, count]) => ({
    bound: Number(bound === '+Inf' ? Number.POSITIVE_INFINITY : bound),
    count: Number(count),
  }));
  const total = Math.max(...buckets.map(({ count }) => count));
  return buckets.find(({ count }) => count >= share * total)?.bound ?? Number.POSITIVE_INFINITY;
}
