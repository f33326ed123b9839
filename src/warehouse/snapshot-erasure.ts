import type { Json } from '../contracts/json.js';
import { mentionOf, mentionPattern } from '../contracts/mention.js';
import { contactsWithout, jsonWithout } from './person-in-json.js';
import type { SqlCell, SqlDatabase, SqlRow } from './sql-database.js';

const TABLE = 'ZOHO_ACCOUNT_SNAPSHOTS';
const PARTS = ['RECORD', 'CONTACTS', 'DEALS', 'INSIGHTS', 'PRIORITY_REASONS'] as const;
/** A snapshot may hold 200 contacts and 200 deals. */
const ROWS_AT_ONCE = 20;

/** A snapshot is about a whole account: the person is taken out of it, and the rest of the account stays. */
export class SnapshotErasure {
  private readonly pattern: string;
  private readonly isNamedIn: (text: string) => boolean;

  constructor(
    private readonly database: SqlDatabase,
    email: string,
  ) {
    this.pattern = mentionPattern(email);
    this.isNamedIn = mentionOf(email);
  }

  /** The ids of the contacts that have the address. */
  async contactIds(): Promise<string[]> {
    const found = new Set<string>();
    for await (const { CONTACTS } of this.rows(await this.ids([]))) {
      const person = { isNamedIn: this.isNamedIn, recordIds: new Set<string>() };
      contactsWithout(listOf(CONTACTS), person).recordIds.forEach((id) => found.add(id));
    }
    return [...found];
  }

  /** @returns how many snapshots were changed. */
  async erase(contactIds: readonly string[]): Promise<number> {
    const person = { isNamedIn: this.isNamedIn, recordIds: new Set(contactIds) };
    let count = 0;
    for await (const row of this.rows(await this.ids(contactIds))) {
      const parts = {
        RECORD: jsonWithout(parsed(row.RECORD), person),
        CONTACTS:
          typeof row.CONTACTS === 'string' ? contactsWithout(listOf(row.CONTACTS), person).others : null,
        DEALS: jsonWithout(parsed(row.DEALS), person),
        INSIGHTS: listOf(row.INSIGHTS).filter((insight) => !this.isNamedIn(JSON.stringify(insight))),
        PRIORITY_REASONS: jsonWithout(parsed(row.PRIORITY_REASONS), person),
      };
      count += await this.replace(row, parts);
    }
    return count;
  }

  private async ids(contactIds: readonly string[]): Promise<string[]> {
    const { dialect } = this.database;
    const texts = PARTS.map((part) => `CAST(${part} AS VARCHAR)`);
    const mentions = texts.map((text) => dialect.matches(`LOWER(${text})`));
    const pointers = contactIds.flatMap(() => texts.map((text) => `${text} LIKE ?`));
    const rows = await this.database.query({
      sql: `SELECT SNAPSHOT_ID FROM ${TABLE} WHERE ${[...mentions, ...pointers].join(' OR ')}`,
      binds: [...PARTS.map(() => this.pattern), ...contactIds.flatMap((id) => PARTS.map(() => `%"${id}"%`))],
    });
    return rows.map(({ SNAPSHOT_ID }) => String(SNAPSHOT_ID));
  }

  private async *rows(ids: readonly string[]): AsyncGenerator<SqlRow> {
    for (let start = 0; start < ids.length; start += ROWS_AT_ONCE) {
      const some = ids.slice(start, start + ROWS_AT_ONCE);
      yield* await this.database.query({
        sql: `SELECT SNAPSHOT_ID, ${PARTS.join(', ')} FROM ${TABLE} WHERE SNAPSHOT_ID IN (${some.map(() => '?').join(', ')})`,
        binds: some,
      });
    }
  }

  private async replace(row: SqlRow, parts: Readonly<Record<(typeof PARTS)[number], Json>>): Promise<number> {
    const changed = PARTS.filter((part) => {
      return (
        typeof row[part] === 'string' && JSON.stringify(parsed(row[part])) !== JSON.stringify(parts[part])
      );
    });
    if (changed.length === 0) return 0;
    return this.database.execute({
      sql:
        `UPDATE ${TABLE} SET ${changed.map((part) => `${part} = ${this.database.dialect.boundJson}`).join(', ')} ` +
        'WHERE SNAPSHOT_ID = ?',
      binds: [...changed.map((part) => JSON.stringify(parts[part])), row.SNAPSHOT_ID ?? null],
    });
  }
}

function parsed(cell: SqlCell | undefined): Json {
  return typeof cell === 'string' ? (JSON.parse(cell) as Json) : null;
}

function listOf(cell: SqlCell | undefined): readonly Json[] {
  const value = parsed(cell);
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}
