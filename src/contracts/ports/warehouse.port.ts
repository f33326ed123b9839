import type { RowValues, TableName } from '../tables.js';

/**
 * The warehouse as the loader sees it. Writing is idempotent: raw and history rows are inserted once per
 * key; enhanced rows replace older ones only, by (ROW_VERSION, REVISION).
 */
export interface Warehouse {
  /** Opens it and brings the schema up to date, or refuses with a coded error. */
  open(): Promise<void>;
  /**
   * Writes the rows of one table in one transaction.
   * @returns how many rows changed (repeats change none).
   * @throws AppError `WAREHOUSE.ROW_REFUSED` (retry `never`) when a row can never be written.
   */
  write(table: TableName, rows: readonly RowValues[]): Promise<number>;
  /** Answers when the warehouse does; throws when it does not. */
  ping(): Promise<void>;
  /** Waits for writes in flight, then closes. */
  close(): Promise<void>;
  /** For people: which warehouse this is. */
  readonly description: string;
}

export const Warehouse = Symbol('Warehouse');
