import type { TableName } from '../tables.js';

export type RowCounts = Partial<Record<TableName, number>>;

/** What removes data from the warehouse. It works under a role of its own, because the loader may not delete. */
export interface WarehouseUpkeep {
  /**
   * Forgets one person: bodies and contents that name the address are replaced, their rows and ids stay, so
   * that a redelivery of the same event cannot bring them back. Waits until what is on its way has arrived.
   * Safe to repeat. What the vendor sends anew later is not held back.
   * @returns how many rows of each table were changed; nothing of the person is kept or logged.
   * @throws AppError `WAREHOUSE.UNAVAILABLE` when rows on their way do not arrive in time.
   */
  erasePerson(email: string): Promise<RowCounts>;
  /** Deletes what is older than RAW_RETENTION_DAYS and HISTORY_RETENTION_DAYS. @returns rows by table. */
  purge(): Promise<RowCounts>;
}

export const WarehouseUpkeep = Symbol('WarehouseUpkeep');
