import type { ErrorCode } from '../errors.js';
import type { RowValues, TableName } from '../tables.js';

/** Whether statements are let through: `open` means that they fail at once, because too many have failed. */
export type CircuitState = 'closed' | 'half-open' | 'open';

/** What is known of the warehouse without asking it. */
export interface WarehouseStatus {
  readonly circuit: CircuitState;
  /** The last failure that no success has followed. */
  readonly problem?: { readonly code: ErrorCode; readonly message: string; readonly since: string };
}

/**
 * The warehouse as the loader sees it. Writing is idempotent: raw and history rows are inserted once per
 * key; enhanced rows replace older ones only, by (ROW_VERSION, REVISION).
 */
export interface Warehouse {
  /**
   * Opens it. The embedded one brings its schema up to date; a shared one is only checked.
   * A shared warehouse that cannot be reached does not stop the start: it is checked before the first write.
   * @throws AppError `WAREHOUSE.SCHEMA_MISMATCH` (says which command mends it), `WAREHOUSE.IN_USE`.
   */
  open(): Promise<void>;
  /**
   * Writes the rows of one table in one statement.
   * @returns how many rows changed (repeats change none).
   * @throws AppError `WAREHOUSE.ROW_REFUSED` (retry `never`) when a row can never be written;
   * `WAREHOUSE.UNAVAILABLE` when the same write may succeed later; `WAREHOUSE.MISCONFIGURED` and
   * `WAREHOUSE.AUTHENTICATION` when it needs a person first. The message holds no cell.
   */
  write(table: TableName, rows: readonly RowValues[]): Promise<number>;
  /** Answers when the warehouse does; throws when it does not. Wakes no virtual warehouse. */
  ping(): Promise<void>;
  readonly status: WarehouseStatus;
  /** Tells of the circuit's state, now and whenever it changes. */
  watchCircuit(listener: (state: CircuitState) => void): void;
  /** Waits for statements in flight (a shared one: for some seconds), then closes. */
  close(): Promise<void>;
  /** For people: which warehouse this is. */
  readonly description: string;
}

export const Warehouse = Symbol('Warehouse');
