import { ERASED, mentionOf, mentionPattern } from '../contracts/mention.js';
import type { PersonTrace } from '../contracts/ports/person-eraser.port.js';
import type { RowCounts, TableName } from '../contracts/tables.js';
import type { ConversationKind } from '../contracts/vendor.js';
import { SnapshotErasure } from './snapshot-erasure.js';
import { dropOldParts, RAW_TABLES } from './sql-upkeep.js';
import type { SqlCell, SqlDatabase, SqlRow } from './sql-database.js';

/** The rows of a table that are blanked where they name the person, or are about what she took part in. */
interface Blanking {
  readonly table: TableName;
  /** Columns that may name the person; any of them condemns the row. */
  readonly looksAt: readonly string[];
  /** Columns that are emptied, because they may hold words of or about the person. */
  readonly empties: readonly string[];
  /** Columns that must not be empty, with what they say instead. */
  readonly replaces?: Readonly<Record<string, string>>;
  /** Where the row says what it is about; none where only a mention condemns it. */
  readonly about?: 'conversation' | 'record';
}

const RESULTS = ['PRIORITY_REASONS', 'INSIGHTS', 'NEXT_STEPS'];
const CALL = ['TITLE', 'PARTIES', 'TRANSCRIPT', 'ANALYTICS', ...RESULTS];
const EMAIL = ['SUBJECT', 'FROM_ADDRESS', 'TO_ADDRESSES', 'CC_ADDRESSES', 'BODY_TEXT', ...RESULTS];
const MEETING = ['TITLE', 'ATTENDEES', ...RESULTS];
const AS_RECEIVED = {
  looksAt: ['BODY'],
  empties: ['PAYLOAD', 'HEADERS'],
  replaces: { BODY: ERASED, BODY_ENCODING: 'utf8' },
};

/** Keys, times and numbers stay: they name nobody, and the key is what keeps a redelivery out. */
const BLANKINGS: readonly Blanking[] = [
  { table: 'GONG_WEBHOOKS_RAW', ...AS_RECEIVED, about: 'conversation' },
  { table: 'ZOHO_EVENTS_RAW', ...AS_RECEIVED, about: 'record' },
  { table: 'GONG_CALLS_ENHANCED', looksAt: CALL, empties: CALL, about: 'conversation' },
  { table: 'GONG_EMAILS_ENHANCED', looksAt: EMAIL, empties: EMAIL, about: 'conversation' },
  { table: 'GONG_MEETINGS_ENHANCED', looksAt: MEETING, empties: MEETING, about: 'conversation' },
  {
    table: 'WEBHOOK_PROCESSING_HISTORY',
    looksAt: ['ERROR_MESSAGE', 'DETAILS'],
    empties: ['ERROR_MESSAGE', 'DETAILS'],
  },
];

const CONVERSATIONS: readonly (readonly [ConversationKind, TableName, string])[] = [
  ['call', 'GONG_CALLS_ENHANCED', 'CALL_ID'],
  ['email', 'GONG_EMAILS_ENHANCED', 'EMAIL_ID'],
  ['meeting', 'GONG_MEETINGS_ENHANCED', 'MEETING_ID'],
];
const KEYS: ReadonlyMap<TableName, string> = new Map(CONVERSATIONS.map(([, table, key]) => [table, key]));

/** Modules of the CRM whose records are persons. */
const PERSONS = "('Contacts', 'Leads')";
const IDS_AT_ONCE = 200;
const PARTS_KEPT_DAYS = 1 / 24;

/** Forgets one person in the tables, in the same way in every warehouse. */
export class SqlErasure {
  private readonly pattern: string;
  private readonly isNamedIn: (text: string) => boolean;
  private readonly snapshots: SnapshotErasure;

  constructor(
    private readonly database: SqlDatabase,
    email: string,
  ) {
    this.pattern = mentionPattern(email);
    this.isNamedIn = mentionOf(email);
    this.snapshots = new SnapshotErasure(database, email);
  }

  /** The conversations and records of the CRM that the tables know the person by; to be noted before `erase`. */
  async traces(): Promise<PersonTrace[]> {
    const found: PersonTrace[] = [];
    for (const [kind, table, key] of CONVERSATIONS) {
      const rows = await this.mentioning(table, key);
      found.push(...rows.map((row) => `${kind}:${String(row[key])}` as const));
    }
    const objectIdOfRecord = this.database.dialect.textAt('RECORD_IDS', '[0]');
    found.push(
      ...tracesOf(await this.mentioning('GONG_WEBHOOKS_RAW', 'EVENT_TYPE AS KIND, OBJECT_ID')),
      ...tracesOf(
        await this.mentioning(
          'ZOHO_EVENTS_RAW',
          `'record' AS KIND, ${objectIdOfRecord} AS OBJECT_ID`,
          `MODULE IN ${PERSONS}`,
        ),
      ),
      ...(await this.snapshots.contactIds()).map((id) => `record:${id}` as const),
    );
    return [...new Set(found)];
  }

  /** @returns how many rows of each table were changed. */
  async erase(traces: ReadonlySet<PersonTrace>): Promise<RowCounts> {
    const counts: RowCounts = {};
    for (const blanking of BLANKINGS) {
      const { table } = blanking;
      counts[table] = (await this.blankMentions(blanking)) + (await this.blankTraces(blanking, traces));
    }
    counts.ZOHO_ACCOUNT_SNAPSHOTS = await this.snapshots.erase(idsOf(traces, ['record']));
    await dropOldParts(this.database, PARTS_KEPT_DAYS);
    return counts;
  }

  private async mentioning(table: TableName, columns: string, condition?: string): Promise<SqlRow[]> {
    const { looksAt = [] } = BLANKINGS.find((blanking) => blanking.table === table) ?? {};
    const { sql, binds } = this.mentions(looksAt);
    const only = condition === undefined ? '' : ` AND ${condition}`;
    const rows = await this.database.query({
      sql: `SELECT DISTINCT ${columns} FROM ${table} WHERE (${sql})${only}`,
      binds,
    });
    return [...rows, ...(await this.encodedMentioning(table, columns, only))];
  }

  private mentions(columns: readonly string[]): { sql: string; binds: SqlCell[] } {
    const { dialect } = this.database;
    return {
      sql: columns.map((column) => dialect.matches(`LOWER(CAST(${column} AS VARCHAR))`)).join(' OR '),
      binds: columns.map(() => this.pattern),
    };
  }

  private blankMentions(blanking: Blanking): Promise<number> {
    const { sql, binds } = this.mentions(blanking.looksAt);
    return this.blank(blanking, sql, binds);
  }

  private blank(
    { table, empties, replaces = {} }: Blanking,
    condition: string,
    binds: readonly SqlCell[],
  ): Promise<number> {
    const replaced = Object.keys(replaces).map((column) => `${column} = ?`);
    const emptied = empties.map((column) => `${column} = NULL`);
    return this.database.execute({
      sql: `UPDATE ${table} SET ${[...replaced, ...emptied].join(', ')} WHERE ${condition}`,
      binds: [...Object.values(replaces), ...binds],
    });
  }

  private async blankTraces(blanking: Blanking, traces: ReadonlySet<PersonTrace>): Promise<number> {
    const { table, about } = blanking;
    const encoded = await this.encodedEvents(table);
    let count = await this.blankAmong(blanking, 'EVENT_ID', encoded);
    if (about === undefined) return count;
    const kinds = about === 'record' ? (['record'] as const) : (['call', 'email', 'meeting'] as const);
    const column =
      about === 'record'
        ? this.database.dialect.textAt('RECORD_IDS', '[0]')
        : (KEYS.get(table) ?? 'OBJECT_ID');
    count += await this.blankAmong(blanking, column, idsOf(traces, kinds));
    return count;
  }

  /** Only those that are not blank yet: the same again changes nothing. */
  private async blankAmong(blanking: Blanking, column: string, ids: readonly string[]): Promise<number> {
    const { empties, replaces } = blanking;
    const isThere = empties.map((name) => `${name} IS NOT NULL`);
    if (replaces?.BODY !== undefined) isThere.push(`BODY <> '${ERASED}'`);
    let count = 0;
    for (let start = 0; start < ids.length; start += IDS_AT_ONCE) {
      const some = ids.slice(start, start + IDS_AT_ONCE);
      const among = `${column} IN (${some.map(() => '?').join(', ')})`;
      count += await this.blank(blanking, `${among} AND (${isThere.join(' OR ')})`, some);
    }
    return count;
  }

  private async encodedMentioning(table: TableName, columns: string, only: string): Promise<SqlRow[]> {
    const ids = await this.encodedEvents(table);
    if (ids.length === 0) return [];
    return this.database.query({
      sql: `SELECT ${columns} FROM ${table} WHERE EVENT_ID IN (${ids.map(() => '?').join(', ')})${only}`,
      binds: ids,
    });
  }

  /** Bodies that are not text are kept in base64, which no pattern can look through; they are few. */
  private async encodedEvents(table: TableName): Promise<string[]> {
    if (!RAW_TABLES.some((name) => name === table)) return [];
    const rows = await this.database.query({
      sql: `SELECT EVENT_ID, BODY FROM ${table} WHERE BODY_ENCODING = 'base64'`,
    });
    return rows
      .filter(({ BODY }) => this.isNamedIn(Buffer.from(String(BODY), 'base64').toString('latin1')))
      .map(({ EVENT_ID }) => String(EVENT_ID));
  }
}

/** Rows with the kind and the id of what they are about, as far as they say it. */
function tracesOf(rows: readonly SqlRow[]): PersonTrace[] {
  return rows.flatMap(({ KIND, OBJECT_ID }) =>
    typeof OBJECT_ID === 'string' ? [`${String(KIND)}:${OBJECT_ID}` as PersonTrace] : [],
  );
}

function idsOf(traces: ReadonlySet<PersonTrace>, kinds: readonly string[]): string[] {
  const places = [...traces].map((trace) => [trace.split(':', 1)[0] ?? '', trace] as const);
  const ids = places
    .filter(([kind]) => kinds.includes(kind))
    .map(([kind, trace]) => trace.slice(kind.length + 1));
  return [...new Set(ids)];
}
