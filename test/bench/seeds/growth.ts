import { DuckDbWarehouse } from '../../../src/warehouse/duckdb/duckdb.warehouse.js';
import type { Load } from '../ingest/load.js';
import type { Claim } from './claim.js';
import type { Plan } from './plan.js';
import { drain } from './processing.js';
import { TributaryService } from './tributary-service.js';

/** Rows are made in pieces, because they are made within the memory limit of the embedded warehouse. */
const PIECE = 100_000;
const STAGES = ['land', 'enrich', 'analyse', 'store', 'notify', 'remember'];

/** What an event costs when few and when many events came before it. */
export async function measureGrowth(load: Load, plan: Plan, say: (line: string) => void): Promise<Claim[]> {
  const costs: { readonly cpuMs: number; readonly perSecond: number }[] = [];
  for (const behind of plan.behind) {
    say(`${behind.toLocaleString('en-US')} events behind, ${plan.drainedBehind} more`);
    costs.push(await costBehind(load, plan, behind));
  }
  const [few, many] = costs;
  const [fewBehind, manyBehind] = plan.behind.map((events) => events.toLocaleString('en-US'));
  return [
    {
      what: `CPU of an event, ${manyBehind} : ${fewBehind} behind`,
      seed: 'flat',
      measured: (many?.cpuMs ?? NaN) / (few?.cpuMs ?? NaN),
      unit: 'times',
      target: { below: 1.2 },
      how: `service, all threads: ${few?.cpuMs.toFixed(2)} and ${many?.cpuMs.toFixed(2)} ms; ${few?.perSecond.toFixed(0)} and ${many?.perSecond.toFixed(0)} events/s`,
    },
  ];
}

async function costBehind(load: Load, plan: Plan, behind: number) {
  const service = await TributaryService.create();
  try {
    await fillWarehouse(service.warehousePath, behind);
    await fillSeenIndex(service, behind);
    await service.start({ WEBHOOK_NUM_WORKERS: '10' });
    await drain(service, load, plan.warmUp);
    const { cpuMsPerEvent, perSecond } = await drain(service, load, plan.drainedBehind);
    return { cpuMs: cpuMsPerEvent, perSecond };
  } finally {
    await service.stop();
  }
}

/** All rows that so many calls would have left, made by sets. */
async function fillWarehouse(path: string, events: number): Promise<void> {
  const warehouse = new DuckDbWarehouse(path);
  await warehouse.open();
  for (let from = 0; from < events; from += PIECE) {
    const piece = `range(${from}, ${Math.min(events, from + PIECE)}) AS r(i)`;
    for (const sql of inserts(piece)) await warehouse.upkeep.execute({ sql });
  }
  await warehouse.close();
}

function inserts(piece: string): string[] {
  const id = 'sha256(i::VARCHAR)';
  const stages = STAGES.map((stage) => `'${stage}'`).join(', ');
  return [
    'INSERT INTO GONG_WEBHOOKS_RAW (EVENT_ID, TENANT, SOURCE, EVENT_TYPE, OBJECT_ID, BODY, BODY_ENCODING, ' +
      `PAYLOAD_SHA256, RECEIVED_AT) SELECT ${id}, 'main', 'gong', 'call', i::VARCHAR, ` +
      `'{"call":' || i || '}', 'utf8', ${id}, now() FROM ${piece}`,
    'INSERT INTO GONG_CALLS_ENHANCED (CALL_ID, TENANT, TITLE, STARTED_AT, PRIORITY, ENRICHMENT_STATUS, ' +
      `SOURCE_EVENT_ID, ROW_VERSION, REVISION) SELECT i::VARCHAR, 'main', 'Call ' || i, now(), 'low', 'full', ` +
      `${id}, 1, 1 FROM ${piece}`,
    'INSERT INTO WEBHOOK_PROCESSING_HISTORY (HISTORY_ID, TENANT, EVENT_ID, SOURCE, EVENT_TYPE, STAGE, STATUS, ' +
      `ATTEMPT, DURATION_MS, OCCURRED_AT) SELECT sha256(i || stage), 'main', ${id}, 'gong', 'call', stage, ` +
      `'completed', 1, 3, now() FROM ${piece}, (SELECT unnest([${stages}]) AS stage)`,
  ];
}

/** KEYS: versions by object, when each was seen. ARGV: first and last number, now. */
const FILL = `
for i = ARGV[1], ARGV[2] do
  redis.call('ZADD', KEYS[1], 0, 'call:' .. i)
  redis.call('ZADD', KEYS[2], ARGV[3], 'call:' .. i)
end`;

/** The one thing in Redis whose cost grows with what has been seen. */
async function fillSeenIndex({ redis }: TributaryService, events: number): Promise<void> {
  for (let from = 0; from < events; from += PIECE / 10) {
    const last = Math.min(events, from + PIECE / 10) - 1;
    await redis.eval(FILL, 2, '{tributary}:seen:gong', '{tributary}:seen:gong:at', from, last, Date.now());
  }
}
