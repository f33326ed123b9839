import type { DuckDBConnection } from '@duckdb/node-api';
import type { SqlDatabase, SqlRow, SqlStatement } from '../sql-database.js';
import { sqlCell } from './duckdb-cells.js';
import { DUCKDB } from './duckdb-sql.js';
import { duckDbError } from './duckdb-error.js';

/** Gives a connection when it is this work's turn, and knows when the work has ended. */
export type Turns = <T>(work: (connection: DuckDBConnection) => Promise<T>) => Promise<T>;

/** SQL on one connection of the DuckDB file. */
export class DuckDbDatabase implements SqlDatabase {
  readonly dialect = DUCKDB;

  constructor(private readonly inTurn: Turns) {}

  query(statement: SqlStatement): Promise<SqlRow[]> {
    return this.inTurn(async (connection) => {
      const result = await coded(connection.runAndReadAll(statement.sql, [...(statement.binds ?? [])]));
      const names = result.columnNames().map((name) => name.toUpperCase());
      return result.getRows().map((row) => {
        return Object.fromEntries(names.map((name, index) => [name, sqlCell(row[index] ?? null)]));
      });
    });
  }

  execute(statement: SqlStatement): Promise<number> {
    return this.inTurn((connection) => run(connection, statement));
  }

  /** DDL of DuckDB is transactional: all of it or none. */
  executeAll(statements: readonly SqlStatement[]): Promise<void> {
    return this.inTurn(async (connection) => {
      await connection.run('BEGIN');
      try {
        for (const statement of statements) await run(connection, statement);
        await connection.run('COMMIT');
      } catch (error) {
        await connection.run('ROLLBACK');
        throw error;
      }
    });
  }
}

async function run(connection: DuckDBConnection, { sql, binds = [] }: SqlStatement): Promise<number> {
  return (await coded(connection.run(sql, [...binds]))).rowsChanged;
}

async function coded<T>(running: Promise<T>): Promise<T> {
  try {
    return await running;
  } catch (error) {
    throw duckDbError(error as Error);
  }
}
