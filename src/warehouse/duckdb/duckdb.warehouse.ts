import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { AppError } from '../../contracts/errors.js';
import type { Warehouse } from '../../contracts/ports/warehouse.port.js';
import type { RowValues, TableName } from '../../contracts/tables.js';
import type { Migration } from '../migrations/migration.js';
import { MIGRATIONS } from '../migrations/migrations.js';
import { tableNamed } from '../schema.js';
import { CREATE_MIGRATIONS_TABLE, migrationStatements, upsertStatement } from './duckdb-sql.js';

/** Bounded, because the service lives beside it; no extension is ever fetched and no other file is read. */
const SETTINGS = {
  threads: '2',
  memory_limit: '512MB',
  storage_compatibility_version: 'latest',
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  enable_external_access: 'false',
};

/** Errors that say "this row", and will say it again whenever it is tried. */
const ROW_ERRORS = /^(Conversion|Constraint|Invalid Input|Out of Range) Error/;
const LOCKED = /Could not set lock on file|Conflicting lock/;

/** Opening a file twice in one process corrupts it without a word, so this process remembers what it opened. */
const openFiles = new Set<string>();

/** The embedded warehouse: one file, one process, one connection. */
export class DuckDbWarehouse implements Warehouse {
  readonly description: string;
  private readonly path: string;
  private instance?: DuckDBInstance;
  private connection?: DuckDBConnection;
  /** The last write; the next one waits for it, because concurrent writes to one key conflict. */
  private lastWrite: Promise<unknown> = Promise.resolve();

  constructor(path: string) {
    this.path = resolve(path);
    this.description = `DuckDB ${this.path}`;
  }

  async open(): Promise<void> {
    if (openFiles.has(this.path)) {
      throw new AppError('WAREHOUSE.IN_USE', `${this.path} is already open in this process`);
    }
    mkdirSync(dirname(this.path), { recursive: true });
    this.instance = await openInstance(this.path);
    openFiles.add(this.path);
    this.connection = await this.instance.connect();
    await this.connection.run("SET TimeZone = 'UTC'");
    await this.migrate();
  }

  write(table: TableName, rows: readonly RowValues[]): Promise<number> {
    return this.exclusively(async (connection) => {
      try {
        const result = await connection.run(upsertStatement(tableNamed(table)), [JSON.stringify(rows)]);
        return result.rowsChanged;
      } catch (error) {
        throw writeError(table, error as Error);
      }
    });
  }

  async ping(): Promise<void> {
    await this.exclusively((connection) => connection.run('SELECT 1'));
  }

  /** Closing with a statement in flight crashes the process, so it waits its turn. */
  async close(): Promise<void> {
    if (this.instance === undefined) return;
    await this.exclusively((connection) => connection.run('CHECKPOINT'));
    this.connection?.closeSync();
    this.instance.closeSync();
    this.instance = undefined;
    this.connection = undefined;
    openFiles.delete(this.path);
  }

  private exclusively<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const mine = this.lastWrite.then(() => {
      if (this.connection === undefined) throw new Error('the warehouse is closed');
      return work(this.connection);
    });
    // The next in line waits for the end of this one, not for its success; this one's caller gets its error.
    this.lastWrite = mine.catch(() => undefined);
    return mine;
  }

  private async migrate(): Promise<void> {
    await this.exclusively(async (connection) => {
      await connection.run(CREATE_MIGRATIONS_TABLE);
      for (const migration of MIGRATIONS) await applyMigration(connection, migration);
    });
  }
}

async function openInstance(path: string): Promise<DuckDBInstance> {
  try {
    return await DuckDBInstance.create(path, SETTINGS);
  } catch (error) {
    if (!LOCKED.test((error as Error).message)) throw error;
    throw new AppError(
      'WAREHOUSE.IN_USE',
      `${path} is in use by another process; a DuckDB file belongs to one`,
      'never',
      {
        cause: error,
      },
    );
  }
}

async function applyMigration(connection: DuckDBConnection, migration: Migration): Promise<void> {
  const { version, name } = migration;
  const statements = migrationStatements(migration);
  const checksum = createHash('sha256').update(statements.join(';\n')).digest('hex');
  const applied = await connection.runAndReadAll(
    'SELECT CHECKSUM FROM SCHEMA_MIGRATIONS WHERE VERSION = $1',
    [version],
  );
  const known = applied.getRows()[0]?.[0];
  if (known === checksum) return;
  if (known !== undefined) {
    throw new AppError(
      'WAREHOUSE.SCHEMA_MISMATCH',
      `migration ${version} was applied in another form; it may not be changed`,
    );
  }
  const startedAt = performance.now();
  await connection.run('BEGIN');
  try {
    for (const statement of statements) await connection.run(statement);
    await connection.run(
      'INSERT INTO SCHEMA_MIGRATIONS (VERSION, NAME, CHECKSUM, APPLIED_BY, DURATION_MS) VALUES ($1, $2, $3, $4, $5)',
      [version, name, checksum, 'service', Math.round(performance.now() - startedAt)],
    );
    await connection.run('COMMIT');
  } catch (error) {
    await connection.run('ROLLBACK');
    throw error;
  }
}

/** The message of the database may quote a cell, so it stays in the cause. */
function writeError(table: TableName, error: Error): Error {
  if (!ROW_ERRORS.test(error.message)) return error;
  const kind = error.message.split(':')[0];
  return new AppError('WAREHOUSE.ROW_REFUSED', `${table} refuses a row: ${kind}`, 'never', { cause: error });
}
