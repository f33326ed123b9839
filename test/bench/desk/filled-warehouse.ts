import { DuckDBInstance } from '@duckdb/node-api';
import { DUCKDB } from '../../../src/warehouse/duckdb/duckdb-sql.js';
import { DUCKDB_SETTINGS, DUCKDB_STATEMENTS } from '../../../src/warehouse/duckdb/duckdb.warehouse.js';
import { MIGRATIONS } from '../../../src/warehouse/migrations/migrations.js';

/** As many as a month of a busy company would bring: so far apart stand the events of 1,000,000. */
const SPAN_MS = 30 * 86_400_000;
/** For filling only; the service opens the file under its own limit. */
const ROOM_TO_FILL = '4GB';
const STAGES = ['land', 'enrich', 'analyse', 'store', 'notify', 'remember'];

/** Three of ten are Zoho's, as in a company with both. */
const IS_GONG = 'i % 10 < 7';
const EVENT_ID = "sha256('event ' || i)";
const OBJECT_ID = 'CAST(1000000000000000000 + hash(i) % 8000000000000000000 AS VARCHAR)';
/** One id for what came in with one request. */
const CORRELATION_ID = "left(sha256('request ' || i), 36)";

/** The event with this number, as the file has it. */
export interface FilledEvent {
  readonly eventId: string;
  readonly objectId: string;
  /** ISO 8601. */
  readonly receivedAt: string;
}

/**
 * Makes a warehouse file with so many events, each with its raw row and the history of its stages, in statements
 * over whole sets: the tables of the first migration, whose keys are added when the rows are there.
 * @param picked numbers of events to tell about
 */
export async function fillWarehouse(
  path: string,
  events: number,
  picked: readonly number[],
): Promise<FilledEvent[]> {
  const instance = await DuckDBInstance.create(path, { ...DUCKDB_SETTINGS, memory_limit: ROOM_TO_FILL });
  const connection = await instance.connect();
  try {
    for (const statement of DUCKDB_STATEMENTS) await connection.run(statement);
    for (const statement of tables()) await connection.run(statement.replace(/, PRIMARY KEY \(\w+\)/, ''));
    for (const statement of rows(events)) await connection.run(statement);
    for (const [table, key] of KEYS) await connection.run(`ALTER TABLE ${table} ADD PRIMARY KEY (${key})`);
    await connection.run('CHECKPOINT');
    const found = await connection.runAndReadAll(
      `SELECT ${EVENT_ID} AS eventId, ${OBJECT_ID} AS objectId,
        strftime(${receivedAt(events)} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%gZ') AS receivedAt
       FROM (SELECT CAST(unnest([${picked.join(', ')}]) AS BIGINT) AS i)`,
    );
    return found.getRowObjectsJson() as unknown as FilledEvent[];
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

const KEYS = [
  ['GONG_WEBHOOKS_RAW', 'EVENT_ID'],
  ['ZOHO_EVENTS_RAW', 'EVENT_ID'],
  ['WEBHOOK_PROCESSING_HISTORY', 'HISTORY_ID'],
] as const;

/** Only those that are filled; the service makes the others. */
function tables(): string[] {
  const [first] = MIGRATIONS;
  if (first === undefined) throw new Error('there is no migration');
  const filled = first.tables.filter(({ name }) => KEYS.some(([table]) => table === name));
  return DUCKDB.migrationStatements({ ...first, tables: filled, views: [] });
}

/** The newest a minute ago. */
function receivedAt(events: number): string {
  const newest = new Date(Date.now() - 60_000).toISOString().slice(0, 16);
  return `(TIMESTAMPTZ '${newest}:00Z' - to_milliseconds((${events} - i) * ${Math.floor(SPAN_MS / events)}))`;
}

function rows(events: number): string[] {
  const at = receivedAt(events);
  const body = `'{"callData":{"metaData":{"id":"' || ${OBJECT_ID} || '","title":"Call ' || i || '","purpose":"' ||
    sha256('purpose ' || i) || '"}},"isTest":false,"isPrivate":false}'`;
  const notification = `'{"module":"Accounts","operation":"update","ids":["' || ${OBJECT_ID} || '"],"token":"[redacted]"}'`;
  return [
    `INSERT INTO GONG_WEBHOOKS_RAW (EVENT_ID, TENANT, SOURCE, EVENT_TYPE, OBJECT_ID, PAYLOAD, BODY, BODY_ENCODING,
       PAYLOAD_SHA256, HEADERS, SIGNING_KEY_ID, REQUEST_ID, RECEIVED_AT, LOADED_AT)
     SELECT ${EVENT_ID}, 'main', 'gong', CASE i % 10 WHEN 0 THEN 'email' WHEN 1 THEN 'meeting' ELSE 'call' END,
       ${OBJECT_ID}, body::JSON, body, 'utf8', sha256(body), '{"user-agent":"Gong"}', '0123456789abcdef',
       ${CORRELATION_ID}, at_, at_ + to_seconds(2)
     FROM (SELECT i, ${body} AS body, ${at} AS at_ FROM range(${events}) AS r(i) WHERE ${IS_GONG})`,
    `INSERT INTO ZOHO_EVENTS_RAW (EVENT_ID, TENANT, CHANNEL_ID, MODULE, OPERATION, RECORD_IDS, PAYLOAD, BODY,
       BODY_ENCODING, PAYLOAD_SHA256, HEADERS, SIGNING_KEY_ID, REQUEST_ID, SERVER_TIME, RECEIVED_AT, LOADED_AT)
     SELECT ${EVENT_ID}, 'main', '1000000068001', 'Accounts', 'update', '["' || ${OBJECT_ID} || '"]', body::JSON, body,
       'utf8', sha256(body), '{"user-agent":"ZohoCRM"}', 'channel', ${CORRELATION_ID}, at_, at_, at_ + to_seconds(2)
     FROM (SELECT i, ${notification} AS body, ${at} AS at_ FROM range(${events}) AS r(i) WHERE NOT (${IS_GONG}))`,
    `INSERT INTO WEBHOOK_PROCESSING_HISTORY (HISTORY_ID, TENANT, EVENT_ID, SOURCE, EVENT_TYPE, STAGE, STATUS, ATTEMPT,
       DURATION_MS, WORKER_ID, TRACE_ID, DETAILS, OCCURRED_AT, LOADED_AT)
     SELECT sha256(id || stage), 'main', id, CASE WHEN ${IS_GONG} THEN 'gong' ELSE 'zoho' END,
       CASE WHEN ${IS_GONG} THEN 'call' ELSE 'record' END, stage, 'completed', 1, i % 40, 'worker-1:1', trace,
       '{"enrichment":"full","round":0}', at_ + to_milliseconds(100 + place * 7), at_ + to_seconds(2)
     FROM (SELECT i, ${EVENT_ID} AS id, ${CORRELATION_ID} AS trace, ${at} AS at_,
       unnest(['${STAGES.join("', '")}']) AS stage, unnest(range(${STAGES.length})) AS place
       FROM range(${events}) AS r(i))`,
  ];
}
