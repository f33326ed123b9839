import type { RowCounts } from '../contracts/ports/warehouse-upkeep.port.js';
import type { TableName } from '../contracts/tables.js';
import type { SqlCell, SqlDatabase } from './sql-database.js';

/** What stands where a person's words stood. */
export const ERASED = '[erased]';
const ERASED_JSON = JSON.stringify({ erased: true });

interface Erasure {
  readonly table: TableName;
  /** Columns that may name the person; any of them condemns the row. */
  readonly looksAt: readonly string[];
  /** Columns that are emptied, because they may hold words of or about the person. */
  readonly empties: readonly string[];
  /** Columns that must not be empty, with what they say instead. */
  readonly replaces?: Readonly<Record<string, string>>;
  readonly json?: readonly string[];
}

const RESULTS = ['PRIORITY_REASONS', 'INSIGHTS', 'NEXT_STEPS'];

/** Keys, times and numbers stay: they name nobody, and the key is what keeps a redelivery out. */
const ERASURES: readonly Erasure[] = [
  {
    table: 'GONG_WEBHOOKS_RAW',
    looksAt: ['BODY'],
    empties: ['PAYLOAD', 'HEADERS'],
    replaces: { BODY: ERASED, BODY_ENCODING: 'utf8' },
  },
  {
    table: 'ZOHO_EVENTS_RAW',
    looksAt: ['BODY'],
    empties: ['PAYLOAD', 'HEADERS'],
    replaces: { BODY: ERASED, BODY_ENCODING: 'utf8' },
  },
  {
    table: 'GONG_CALLS_ENHANCED',
    looksAt: ['TITLE', 'PARTIES', 'TRANSCRIPT', 'ANALYTICS', ...RESULTS],
    empties: ['TITLE', 'PARTIES', 'TRANSCRIPT', 'ANALYTICS', ...RESULTS],
  },
  {
    table: 'GONG_EMAILS_ENHANCED',
    looksAt: ['SUBJECT', 'FROM_ADDRESS', 'TO_ADDRESSES', 'CC_ADDRESSES', 'BODY_TEXT', ...RESULTS],
    empties: ['SUBJECT', 'FROM_ADDRESS', 'TO_ADDRESSES', 'CC_ADDRESSES', 'BODY_TEXT', ...RESULTS],
  },
  {
    table: 'GONG_MEETINGS_ENHANCED',
    looksAt: ['TITLE', 'ATTENDEES', ...RESULTS],
    empties: ['TITLE', 'ATTENDEES', ...RESULTS],
  },
  {
    table: 'ZOHO_ACCOUNT_SNAPSHOTS',
    looksAt: ['RECORD', 'CONTACTS', 'DEALS', 'INSIGHTS'],
    empties: ['CONTACTS', 'DEALS', 'INSIGHTS', 'PRIORITY_REASONS'],
    replaces: { RECORD: ERASED_JSON },
    json: ['RECORD'],
  },
  {
    table: 'WEBHOOK_PROCESSING_HISTORY',
    looksAt: ['ERROR_MESSAGE', 'DETAILS'],
    empties: ['ERROR_MESSAGE', 'DETAILS'],
  },
];

const RAW_TABLES = ['GONG_WEBHOOKS_RAW', 'ZOHO_EVENTS_RAW'] as const;
const DAY_MS = 86_400_000;
/** Parts of a row that are this old belong to a load that ended before it put them together. */
const PARTS_KEPT_DAYS = 1;
const PARTS_KEPT_DAYS_AT_ERASURE = 1 / 24;

export interface Retention {
  /** 0 = for ever. */
  readonly rawDays: number;
  readonly historyDays: number;
}

/** What deletes or blanks, in the same way for every warehouse. */
export class SqlUpkeep {
  constructor(private readonly database: SqlDatabase) {}

  async erase(email: string): Promise<RowCounts> {
    const pattern = mentionPattern(email);
    const counts: RowCounts = {};
    for (const erasure of ERASURES) {
      counts[erasure.table] = await this.blank(erasure, pattern);
    }
    for (const table of RAW_TABLES) {
      counts[table] = (counts[table] ?? 0) + (await this.blankEncoded(table, pattern));
    }
    await this.dropOldParts(PARTS_KEPT_DAYS_AT_ERASURE);
    return counts;
  }

  async purge({ rawDays, historyDays }: Retention): Promise<RowCounts> {
    const counts: RowCounts = {};
    if (rawDays > 0) {
      for (const table of RAW_TABLES) counts[table] = await this.deleteOld(table, 'RECEIVED_AT', rawDays);
    }
    if (historyDays > 0) {
      const table = 'WEBHOOK_PROCESSING_HISTORY';
      counts[table] = await this.deleteOld(table, 'OCCURRED_AT', historyDays);
    }
    await this.dropOldParts(PARTS_KEPT_DAYS);
    return counts;
  }

  /** Only Snowflake has parts: the others take a row of any size. */
  private async dropOldParts(days: number): Promise<void> {
    if (this.database.dialect.name === 'snowflake') await this.deleteOld('ROW_PARTS', 'LOADED_AT', days);
  }

  private blank(erasure: Erasure, pattern: string): Promise<number> {
    const { dialect } = this.database;
    const mentions = erasure.looksAt.map((column) => dialect.matches(`LOWER(CAST(${column} AS VARCHAR))`));
    const { sets, binds } = this.assignments(erasure);
    return this.database.execute({
      sql: `UPDATE ${erasure.table} SET ${sets} WHERE ${mentions.join(' OR ')}`,
      binds: [...binds, ...erasure.looksAt.map(() => pattern)],
    });
  }

  private assignments({ empties, replaces = {}, json = [] }: Erasure): { sets: string; binds: SqlCell[] } {
    const replaced = Object.keys(replaces).map((column) => {
      return `${column} = ${json.includes(column) ? this.database.dialect.boundJson : '?'}`;
    });
    const emptied = empties.map((column) => `${column} = NULL`);
    return { sets: [...replaced, ...emptied].join(', '), binds: Object.values(replaces) };
  }

  /** Bodies that are not text are kept in base64, which no pattern can look through; they are few. */
  private async blankEncoded(table: (typeof RAW_TABLES)[number], pattern: string): Promise<number> {
    const rows = await this.database.query({
      sql: `SELECT EVENT_ID, BODY FROM ${table} WHERE BODY_ENCODING = 'base64'`,
    });
    const mention = new RegExp(pattern);
    const found = rows.filter(({ BODY }) => {
      return mention.test(Buffer.from(String(BODY), 'base64').toString('latin1').toLowerCase());
    });
    const erasure = ERASURES.find((candidate) => candidate.table === table);
    if (erasure === undefined || found.length === 0) return 0;
    const { sets, binds } = this.assignments(erasure);
    return this.database.execute({
      sql: `UPDATE ${table} SET ${sets} WHERE EVENT_ID IN (${found.map(() => '?').join(', ')})`,
      binds: [...binds, ...found.map(({ EVENT_ID }) => EVENT_ID ?? null)],
    });
  }

  private deleteOld(table: TableName | 'ROW_PARTS', column: string, days: number): Promise<number> {
    return this.database.execute({
      sql: `DELETE FROM ${table} WHERE ${column} < ${this.database.dialect.boundInstant}`,
      binds: [new Date(Date.now() - days * DAY_MS).toISOString()],
    });
  }
}

/** What may stand right before an address: nothing, no letter of it, or an escape of JSON or of a form. */
const BEFORE = '(^|[^a-z0-9._%+-]|\\\\[nrt]|%[0-9a-f][0-9a-f])';
/** A dot ends a sentence, unless the name of the domain goes on after it. */
const AFTER = '($|[^a-z0-9.-]|[.]($|[^a-z0-9]))';

/**
 * The address as it may stand in text, JSON or a form, and not as a part of a longer one. It is matched
 * against lower case.
 */
export function mentionPattern(email: string): string {
  const address = email
    .toLowerCase()
    .replace(/[.*?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('+', '([+]|%2b)')
    .replace('@', '(@|%40|\\\\u0040)');
  return `${BEFORE}${address}${AFTER}`;
}
