import { DuckDBInstance } from '@duckdb/node-api';

/** Reads a warehouse file after its service has ended; a DuckDB file belongs to one process at a time. */
export async function queryWarehouse(path: string, sql: string): Promise<Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create(path, { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  try {
    const result = await connection.runAndReadAll(sql);
    return result.getRowObjectsJson();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** The number of rows of a table, by table name. */
export async function rowCounts(path: string, tables: readonly string[]): Promise<Record<string, number>> {
  const sql = tables
    .map((table) => `SELECT '${table}' AS name, count(*)::INTEGER AS n FROM ${table}`)
    .join(' UNION ALL ');
  const rows = await queryWarehouse(path, sql);
  return Object.fromEntries(rows.map(({ name, n }) => [String(name), Number(n)]));
}
