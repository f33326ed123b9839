import type { Insight, NextStep, Priority } from '../contracts/insight.js';
import type { Json, JsonObject } from '../contracts/json.js';
import type { MatchedBy } from '../contracts/ports/account-matcher.port.js';
import type {
  AccountConversation,
  AccountReader,
  ConversationPage,
  StoredAccount,
} from '../contracts/ports/account-reader.port.js';
import type { TableName } from '../contracts/tables.js';
import type { ConversationKind } from '../contracts/vendor.js';
import { type ConversationPlace, conversationCursor, conversationPlaceIn } from './conversation-cursor.js';
import type { SqlCell, SqlDatabase, SqlRow } from './sql-database.js';

const MAX_PAGE = 500;

/** What the enhanced tables call the same thing. */
interface ConversationTable {
  readonly kind: ConversationKind;
  readonly table: TableName;
  readonly key: string;
  readonly time: string;
  readonly title: string;
  readonly url: string;
  /** Rows that another table has too; it takes the account's id. */
  readonly except?: string;
}

const TABLES: readonly ConversationTable[] = [
  {
    kind: 'call',
    table: 'GONG_CALLS_ENHANCED',
    key: 'CALL_ID',
    time: 'STARTED_AT',
    title: 'TITLE',
    url: 'URL',
  },
  {
    kind: 'email',
    table: 'GONG_EMAILS_ENHANCED',
    key: 'EMAIL_ID',
    time: 'SENT_AT',
    title: 'SUBJECT',
    url: 'CAST(NULL AS VARCHAR)',
  },
  {
    kind: 'meeting',
    table: 'GONG_MEETINGS_ENHANCED',
    key: 'MEETING_ID',
    time: 'STARTS_AT',
    title: 'TITLE',
    url: 'URL',
    // A recorded web meeting has a row of both kinds, and is one conversation.
    except: ' AND MEETING_ID NOT IN (SELECT CALL_ID FROM GONG_CALLS_ENHANCED WHERE ACCOUNT_ID = ?)',
  },
];

/**
 * Reads what is known of one account, in the same way from every warehouse. The rows of its conversations are
 * found by narrow columns first; only those of the page are then read whole, by their keys.
 */
export class SqlAccountReader implements AccountReader {
  constructor(private readonly database: SqlDatabase) {}

  async account(accountId: string): Promise<StoredAccount | undefined> {
    const [row] = await this.database.query({
      sql:
        'SELECT SNAPSHOT_ID, ACCOUNT_NAME, OWNER_ID, INDUSTRY, WEBSITE, IS_DELETED, RECORD, CONTACTS, DEALS, ' +
        'SOURCE_EVENT_ID, MODIFIED_AT, LOADED_AT FROM ZOHO_ACCOUNT_SNAPSHOTS WHERE ACCOUNT_ID = ? ' +
        'ORDER BY ROW_VERSION DESC, LOADED_AT DESC LIMIT 1',
      binds: [accountId],
    });
    return row === undefined ? undefined : storedAccount(accountId, row);
  }

  async conversations(accountId: string, limit: number, cursor?: string): Promise<ConversationPage> {
    const size = Math.min(Math.max(1, Math.trunc(limit)), MAX_PAGE);
    const places = await this.places(accountId, size + 1, cursor);
    const page = places.slice(0, size);
    const last = places.length > size ? page.at(-1) : undefined;
    return {
      conversations: await this.whole(accountId, page),
      nextCursor: last === undefined ? null : conversationCursor(last),
    };
  }

  /** Where the conversations of a page stand; to the millisecond, as a cursor can say it. */
  private async places(accountId: string, count: number, cursor?: string): Promise<ConversationPlace[]> {
    const found = TABLES.map(
      ({ kind, table, key, time, except = '' }) =>
        `SELECT '${kind}' AS KIND, ${key} AS ID, ` +
        `DATE_TRUNC('MILLISECOND', COALESCE(${time}, UPDATED_AT)) AS SORTED_AT FROM ${table} WHERE ACCOUNT_ID = ?${except}`,
    );
    const after = cursor === undefined ? undefined : conversationPlaceIn(cursor);
    const { boundInstant } = this.database.dialect;
    const isOlder = `WHERE (SORTED_AT < ${boundInstant} OR (SORTED_AT = ${boundInstant} AND (KIND > ? OR (KIND = ? AND ID > ?)))) `;
    const rows = await this.database.query({
      sql:
        `SELECT KIND, ID, SORTED_AT FROM (${found.join(' UNION ALL ')}) AS c ${after === undefined ? '' : isOlder}` +
        `ORDER BY SORTED_AT DESC, KIND, ID LIMIT ${count}`,
      binds: [
        ...TABLES.flatMap(({ except }) => (except === undefined ? [accountId] : [accountId, accountId])),
        ...(after === undefined ? [] : [after.at, after.at, after.kind, after.kind, after.id]),
      ],
    });
    return rows.map(({ KIND, ID, SORTED_AT }) => {
      return { kind: text(KIND) as ConversationKind, id: text(ID), at: text(SORTED_AT) };
    });
  }

  private async whole(
    accountId: string,
    places: readonly ConversationPlace[],
  ): Promise<AccountConversation[]> {
    const rows = (await Promise.all(TABLES.map((table) => this.rowsOf(table, places)))).flat();
    const matches = await this.matches(accountId, rows);
    const byPlace = new Map(rows.map((row) => [`${text(row.KIND)} ${text(row.ID)}`, row]));
    return places.flatMap((place) => {
      const row = byPlace.get(`${place.kind} ${place.id}`);
      return row === undefined ? [] : [conversation(place, row, matches.get(text(row.SOURCE_EVENT_ID)))];
    });
  }

  private async rowsOf(
    { kind, table, key, title, url }: ConversationTable,
    places: readonly ConversationPlace[],
  ): Promise<SqlRow[]> {
    const ids = places.filter((place) => place.kind === kind).map(({ id }) => id);
    if (ids.length === 0) return [];
    return this.database.query({
      sql:
        `SELECT '${kind}' AS KIND, ${key} AS ID, ${title} AS TITLE, ${url} AS URL, DEAL_ID, PRIORITY, PRIORITY_REASONS, ` +
        'INSIGHTS, NEXT_STEPS, ENRICHMENT_STATUS, SOURCE_EVENT_ID, ROW_VERSION, UPDATED_AT ' +
        `FROM ${table} WHERE ${key} IN (${ids.map(() => '?').join(', ')})`,
      binds: ids,
    });
  }

  /**
   * What the stage has noted that found the account, by event. Between the reception of the earliest event (that is
   * a row's version) and the latest row, so that only that time of the history is read.
   */
  private async matches(accountId: string, rows: readonly SqlRow[]): Promise<Map<string, MatchedBy>> {
    if (rows.length === 0) return new Map();
    const { boundInstant, textAt } = this.database.dialect;
    const eventIds = [...new Set(rows.map(({ SOURCE_EVENT_ID }) => text(SOURCE_EVENT_ID)))];
    const earliest = Math.min(...rows.map(({ ROW_VERSION }) => Number(ROW_VERSION)));
    const latest = Math.max(...rows.map(({ UPDATED_AT }) => Date.parse(text(UPDATED_AT))));
    const found = await this.database.query({
      sql:
        `SELECT EVENT_ID, ${textAt('DETAILS', 'accountBy')} AS MATCHED_BY FROM WEBHOOK_PROCESSING_HISTORY ` +
        `WHERE OCCURRED_AT >= ${boundInstant} AND OCCURRED_AT <= ${boundInstant} AND STAGE = 'enrich' ` +
        `AND EVENT_ID IN (${eventIds.map(() => '?').join(', ')}) AND ${textAt('DETAILS', 'accountId')} = ? ` +
        'ORDER BY OCCURRED_AT',
      binds: [new Date(earliest).toISOString(), new Date(latest + 1).toISOString(), ...eventIds, accountId],
    });
    return new Map(found.map(({ EVENT_ID, MATCHED_BY }) => [text(EVENT_ID), text(MATCHED_BY) as MatchedBy]));
  }
}

function storedAccount(accountId: string, row: SqlRow): StoredAccount {
  return {
    accountId,
    name: textOrNull(row.ACCOUNT_NAME),
    ownerId: textOrNull(row.OWNER_ID),
    industry: textOrNull(row.INDUSTRY),
    website: textOrNull(row.WEBSITE),
    isDeleted: row.IS_DELETED === true || row.IS_DELETED === 'true',
    fields: (json(row.RECORD) ?? {}) as JsonObject,
    contacts: json(row.CONTACTS) as readonly JsonObject[] | null,
    deals: json(row.DEALS) as readonly JsonObject[] | null,
    snapshotId: text(row.SNAPSHOT_ID),
    sourceEventId: textOrNull(row.SOURCE_EVENT_ID),
    modifiedAt: text(row.MODIFIED_AT),
    loadedAt: text(row.LOADED_AT),
  };
}

function conversation(
  { kind, id, at }: ConversationPlace,
  row: SqlRow,
  matchedBy: MatchedBy | null = null,
): AccountConversation {
  return {
    kind,
    id,
    title: textOrNull(row.TITLE),
    url: textOrNull(row.URL),
    occurredAt: at,
    dealId: textOrNull(row.DEAL_ID),
    matchedBy,
    priority: text(row.PRIORITY) as Priority,
    priorityReasons: (json(row.PRIORITY_REASONS) ?? []) as readonly string[],
    insights: (json(row.INSIGHTS) ?? []) as unknown as readonly Insight[],
    nextSteps: (json(row.NEXT_STEPS) ?? []) as unknown as readonly NextStep[],
    enrichment: text(row.ENRICHMENT_STATUS),
    sourceEventId: text(row.SOURCE_EVENT_ID),
  };
}

const text = (cell: SqlCell | undefined) => String(cell ?? '');
const textOrNull = (cell: SqlCell | undefined) => (cell === null || cell === undefined ? null : String(cell));

function json(cell: SqlCell | undefined): Json {
  return typeof cell === 'string' ? (JSON.parse(cell) as Json) : null;
}
