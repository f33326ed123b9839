import type { Migration, ViewSql } from './migrations/migration.js';
import type { Table } from './schema.js';

/** What one warehouse says differently from the other; all statements are rendered through it. */
export interface Dialect extends ViewSql {
  readonly name: 'duckdb' | 'snowflake';
  readonly createMigrationsTable: string;
  /** The statements of a migration; each can be repeated without harm. */
  readonly migrationStatements: (migration: Migration) => string[];
  /** One idempotent statement for a whole batch, bound as one JSON array of rows. */
  readonly write: (table: Table) => string;
  /** A bound ISO text as a time. */
  readonly boundInstant: string;
  /** Whether a text matches a bound regular expression. */
  readonly matches: (text: string) => string;
  /** A JSON column that is set to a bound JSON text. */
  readonly boundJson: string;
}
