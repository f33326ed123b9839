import type { TableRow } from '../tables.js';

/**
 * Where stages leave rows for the warehouse. When `append` returns, the rows are durable; a repeated append
 * is harmless, because the warehouse's keys absorb it.
 */
export interface Outbox {
  append(rows: readonly TableRow[]): Promise<void>;
  /** Bytes of rows that wait for the warehouse, over all tables. */
  waitingBytes(): Promise<number>;
}

export const Outbox = Symbol('Outbox');
