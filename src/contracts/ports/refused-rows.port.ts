import type { RowValues, TableName } from '../tables.js';

/** A row that the warehouse can never take as it is. */
export interface RefusedRow {
  /** `<table>:<number>`; stable until the row is replayed or discarded. */
  readonly id: string;
  readonly table: TableName;
  /** Code of the refusal, e.g. `WAREHOUSE.ROW_REFUSED`. */
  readonly code: string;
  /** Why, without any cell of the row. */
  readonly reason: string;
  /** ISO 8601, UTC. */
  readonly refusedAt: string;
  readonly values: RowValues;
}

export interface RefusedRowFilter {
  readonly table?: TableName;
  readonly code?: string;
  /** Refused at or after; ISO 8601. */
  readonly since?: string;
  /** Refused before; ISO 8601. */
  readonly until?: string;
}

export interface RefusedRowPage {
  /** Oldest first. */
  readonly rows: readonly RefusedRow[];
  readonly nextCursor: string | null;
}

/** The dead letters of the loader. Nothing leaves them but by a person's decision. */
export interface RefusedRows {
  list(filter: RefusedRowFilter, limit: number, cursor?: string): Promise<RefusedRowPage>;
  find(id: string): Promise<RefusedRow | undefined>;
  /** Puts the row back into the outbox, in one step. @returns false where there is none of this id. */
  replay(id: string): Promise<boolean>;
  /** Removes the row for good. @returns false where there is none of this id. */
  discard(id: string): Promise<boolean>;
  /** How many there are, by table and code; only what is there. */
  counts(): Promise<readonly { readonly table: TableName; readonly code: string; readonly count: number }[]>;
}

export const RefusedRows = Symbol('RefusedRows');
