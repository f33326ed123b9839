import type { Dialect } from './dialect.js';

/** A cell as it is read or bound: times as ISO 8601 UTC text, JSON as its text, integers as numbers where exact. */
export type SqlCell = string | number | boolean | null;

export type SqlRow = Readonly<Record<string, SqlCell>>;

export interface SqlStatement {
  readonly sql: string;
  /** For the `?` of the statement, in their order. */
  readonly binds?: readonly SqlCell[];
}

/**
 * A warehouse as a place where SQL runs: what reading, upkeep and migrations are written against, once for
 * all warehouses. Errors are AppErrors whose message holds no cell.
 */
export interface SqlDatabase {
  readonly dialect: Dialect;
  /** Column names are in upper case. */
  query(statement: SqlStatement): Promise<SqlRow[]>;
  /** @returns how many rows changed. */
  execute(statement: SqlStatement): Promise<number>;
  /** All of them or none, where the warehouse can undo DDL; elsewhere in order, each repeatable. */
  executeAll(statements: readonly SqlStatement[]): Promise<void>;
}
