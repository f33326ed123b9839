import type { RowCounts } from '../contracts/tables.js';
import type { SqlDatabase } from './sql-database.js';

export const RAW_TABLES = ['GONG_WEBHOOKS_RAW', 'ZOHO_EVENTS_RAW'] as const;
const DAY_MS = 86_400_000;
/** Parts of a row that are this old belong to a load that ended before it put them together. */
const PARTS_KEPT_DAYS = 1;

export interface Retention {
  /** 0 = for ever. */
  readonly rawDays: number;
  readonly historyDays: number;
}

/** What deletes what is old, in the same way for every warehouse. */
export class SqlUpkeep {
  constructor(private readonly database: SqlDatabase) {}

  async purge({ rawDays, historyDays }: Retention): Promise<RowCounts> {
    const counts: RowCounts = {};
    if (rawDays > 0) {
      for (const table of RAW_TABLES) {
        counts[table] = await deleteOld(this.database, table, 'RECEIVED_AT', rawDays);
      }
    }
    if (historyDays > 0) {
      const table = 'WEBHOOK_PROCESSING_HISTORY';
      counts[table] = await deleteOld(this.database, table, 'OCCURRED_AT', historyDays);
    }
    await dropOldParts(this.database, PARTS_KEPT_DAYS);
    return counts;
  }
}

/** Only Snowflake has parts: the others take a row of any size. */
export async function dropOldParts(database: SqlDatabase, days: number): Promise<void> {
  if (database.dialect.name === 'snowflake') await deleteOld(database, 'ROW_PARTS', 'LOADED_AT', days);
}

function deleteOld(database: SqlDatabase, table: string, column: string, days: number): Promise<number> {
  return database.execute({
    sql: `DELETE FROM ${table} WHERE ${column} < ${database.dialect.boundInstant}`,
    binds: [new Date(Date.now() - days * DAY_MS).toISOString()],
  });
}
