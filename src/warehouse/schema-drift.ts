import { AppError } from '../contracts/errors.js';
import { TABLES } from './schema.js';
import type { SqlDatabase } from './sql-database.js';

const COLUMNS =
  'SELECT TABLE_NAME, COLUMN_NAME FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = CURRENT_SCHEMA()';

/**
 * Looks whether somebody has taken away what the migrations made. Columns that came by hand are nobody's business:
 * every write names its columns.
 * @throws AppError `WAREHOUSE.SCHEMA_MISMATCH` naming each table and column.
 */
export async function refuseDrift(database: SqlDatabase): Promise<void> {
  const rows = await database.query({ sql: COLUMNS });
  const present = new Set(rows.map(({ TABLE_NAME, COLUMN_NAME }) => nameOf(TABLE_NAME, COLUMN_NAME)));
  const missing = [...TABLES.values()].flatMap(({ name, columns }) =>
    columns.map((column) => nameOf(name, column.name)).filter((column) => !present.has(column)),
  );
  if (missing.length === 0) return;
  throw new AppError(
    'WAREHOUSE.SCHEMA_MISMATCH',
    `all migrations were applied, but the warehouse lacks ${missing.join(', ')}: a table was altered by hand, or the role ` +
      'may not see it. No command mends this: put back what was removed, or grant the right',
  );
}

function nameOf(table: unknown, column: unknown): string {
  return `${String(table)}.${String(column)}`.toUpperCase();
}
