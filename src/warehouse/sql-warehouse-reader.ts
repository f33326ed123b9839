import type { BodyEncoding } from '../contracts/event.js';
import { cursorAfter, placeIn } from '../contracts/event-cursor.js';
import type { Json, JsonObject } from '../contracts/json.js';
import { ERASED } from '../contracts/mention.js';
import type {
  EventFilter,
  EventPage,
  RawPayload,
  StageRecord,
  StoredEvent,
  WarehouseReader,
} from '../contracts/ports/warehouse-reader.port.js';
import type { TableName } from '../contracts/tables.js';
import { type ConversationKind, type EventKind, type Vendor } from '../contracts/vendor.js';
import { tableNamed } from './schema.js';
import { stageRecord } from './stage-record.js';
import type { SqlCell, SqlDatabase, SqlRow, SqlStatement } from './sql-database.js';

const MAX_PAGE = 500;

/**
 * No stage ends before its event came, but for the difference of two machines' clocks. Rows stand in the order of
 * time, so what is older is not even read.
 */
const CLOCKS_DIFFER_MS = 86_400_000;

const EVENT_COLUMNS =
  'EVENT_ID, VENDOR, KIND, OBJECT_ID, CHANNEL_ID, MODULE, OPERATION, SIGNING_KEY_ID, REQUEST_ID, RECEIVED_AT, LOADED_AT';

const ENHANCED_TABLES: Record<ConversationKind, TableName> = {
  call: 'GONG_CALLS_ENHANCED',
  email: 'GONG_EMAILS_ENHANCED',
  meeting: 'GONG_MEETINGS_ENHANCED',
};

interface Condition {
  readonly sql: string;
  readonly binds: readonly SqlCell[];
}

/** Reads events, history and rows, in the same way from every warehouse. */
export class SqlWarehouseReader implements WarehouseReader {
  constructor(private readonly database: SqlDatabase) {}

  async event(eventId: string): Promise<{ event: StoredEvent; history: readonly StageRecord[] } | undefined> {
    const [row] = await this.database.query({
      sql: `SELECT ${EVENT_COLUMNS} FROM WEBHOOK_EVENTS WHERE EVENT_ID = ?`,
      binds: [eventId],
    });
    if (row === undefined) return undefined;
    const event = storedEvent(row);
    const history = await this.database.query({
      sql:
        'SELECT STAGE, STATUS, ATTEMPT, ERROR_CODE, ERROR_MESSAGE, DURATION_MS, WORKER_ID, DETAILS, OCCURRED_AT ' +
        `FROM WEBHOOK_PROCESSING_HISTORY WHERE EVENT_ID = ? AND OCCURRED_AT >= ${this.database.dialect.boundInstant} ` +
        'ORDER BY OCCURRED_AT, ATTEMPT, HISTORY_ID',
      binds: [eventId, new Date(Date.parse(event.receivedAt) - CLOCKS_DIFFER_MS).toISOString()],
    });
    return { event, history: history.map((stage) => stageRecord(stage)) };
  }

  async events(filter: EventFilter, limit: number, cursor?: string): Promise<EventPage> {
    const size = Math.min(Math.max(1, Math.trunc(limit)), MAX_PAGE);
    const conditions = [...filterConditions(filter, this.database.dialect.boundInstant)];
    if (cursor !== undefined) conditions.push(olderThan(cursor, this.database.dialect.boundInstant));
    const rows = await this.database.query(newestOf(conditions, size + 1, filter.entity === undefined));
    const events = rows.slice(0, size).map((row) => storedEvent(row));
    const last = rows.length > size ? events.at(-1) : undefined;
    return { events, nextCursor: last === undefined ? null : cursorAfter(last) };
  }

  async rawPayload(eventId: string): Promise<RawPayload | undefined> {
    const [payload] = await this.rawPayloads([eventId]);
    return payload;
  }

  async rawPayloads(eventIds: readonly string[]): Promise<readonly RawPayload[]> {
    if (eventIds.length === 0) return [];
    const columns = 'EVENT_ID, BODY, BODY_ENCODING, PAYLOAD_SHA256, HEADERS';
    const among = `EVENT_ID IN (${eventIds.map(() => '?').join(', ')})`;
    const rows = await this.database.query({
      sql:
        `SELECT ${columns} FROM GONG_WEBHOOKS_RAW WHERE ${among} ` +
        `UNION ALL SELECT ${columns} FROM ZOHO_EVENTS_RAW WHERE ${among}`,
      binds: [...eventIds, ...eventIds],
    });
    return rows.map((row) => rawPayload(row));
  }

  async enhancedRow(kind: ConversationKind, objectId: string): Promise<JsonObject | undefined> {
    const { name, key, columns } = tableNamed(ENHANCED_TABLES[kind]);
    const [row] = await this.database.query({
      sql: `SELECT ${columns.map((column) => column.name).join(', ')} FROM ${name} WHERE ${key} = ?`,
      binds: [objectId],
    });
    if (row === undefined) return undefined;
    return Object.fromEntries(
      columns.map((column) => {
        const cell = row[column.name] ?? null;
        return [column.name, column.kind === 'json' ? json(cell) : cell];
      }),
    );
  }
}

/**
 * The newest rows. Their times are found first, of that one column: whole rows are then read of the last moments only.
 * @param isSpread false where rows that match are so few that the whole table is read for them anyway
 */
function newestOf(conditions: readonly Condition[], count: number, isSpread: boolean): SqlStatement {
  const where = conditions.map(({ sql }) => sql).join(' AND ') || '1 = 1';
  const binds = conditions.flatMap((condition) => condition.binds);
  const times = `SELECT RECEIVED_AT FROM WEBHOOK_EVENTS WHERE ${where} ORDER BY RECEIVED_AT DESC LIMIT ${count}`;
  const isRecent = `RECEIVED_AT >= (SELECT MIN(RECEIVED_AT) FROM (${times}) AS times)`;
  return {
    sql:
      `SELECT ${EVENT_COLUMNS} FROM WEBHOOK_EVENTS WHERE ${where}${isSpread ? ` AND ${isRecent}` : ''} ` +
      `ORDER BY RECEIVED_AT DESC, EVENT_ID DESC LIMIT ${count}`,
    binds: isSpread ? [...binds, ...binds] : binds,
  };
}

function rawPayload(row: SqlRow): RawPayload {
  const body = text(row.BODY);
  return {
    eventId: text(row.EVENT_ID),
    body,
    bodyEncoding: text(row.BODY_ENCODING) as BodyEncoding,
    sha256: text(row.PAYLOAD_SHA256),
    headers: jsonObject(row.HEADERS),
    isErased: body === ERASED,
  };
}

function filterConditions(
  { vendor, kind, entity, since, until }: EventFilter,
  boundInstant: string,
): readonly Condition[] {
  const given: [string, string | undefined][] = [
    ['VENDOR = ?', vendor],
    ['KIND = ?', kind],
    ['OBJECT_ID = ?', entity],
    [`RECEIVED_AT >= ${boundInstant}`, since],
    [`RECEIVED_AT < ${boundInstant}`, until],
  ];
  return given.flatMap(([sql, value]) => (value === undefined ? [] : [{ sql, binds: [value] }]));
}

function olderThan(cursor: string, boundInstant: string): Condition {
  const { receivedAt, eventId } = placeIn(cursor);
  return {
    // The first half alone tells which rows need not be read.
    sql: `RECEIVED_AT <= ${boundInstant} AND (RECEIVED_AT < ${boundInstant} OR EVENT_ID < ?)`,
    binds: [receivedAt, receivedAt, eventId],
  };
}

function storedEvent(row: SqlRow): StoredEvent {
  return {
    eventId: text(row.EVENT_ID),
    vendor: text(row.VENDOR) as Vendor,
    kind: text(row.KIND) as EventKind,
    objectId: textOrNull(row.OBJECT_ID),
    channelId: textOrNull(row.CHANNEL_ID),
    module: textOrNull(row.MODULE),
    operation: textOrNull(row.OPERATION),
    correlationId: textOrNull(row.REQUEST_ID),
    signingKeyId: textOrNull(row.SIGNING_KEY_ID),
    receivedAt: text(row.RECEIVED_AT),
    loadedAt: text(row.LOADED_AT),
  };
}

const text = (cell: SqlCell | undefined) => String(cell ?? '');
const textOrNull = (cell: SqlCell | undefined) => (cell === null || cell === undefined ? null : String(cell));

function json(cell: SqlCell): Json {
  return typeof cell === 'string' ? (JSON.parse(cell) as Json) : cell;
}

function jsonObject(cell: SqlCell | undefined): JsonObject | null {
  return typeof cell === 'string' ? (JSON.parse(cell) as JsonObject) : null;
}
