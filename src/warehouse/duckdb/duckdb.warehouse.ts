import { resolve } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { AppError } from '../../contracts/errors.js';
import type { CircuitState, WarehouseStatus } from '../../contracts/ports/warehouse.port.js';
import type { RowValues, TableName } from '../../contracts/tables.js';
import { type AppliedMigration, SchemaKeeper } from '../schema-keeper.js';
import { tableNamed, TABLES } from '../schema.js';
import type { SqlWarehouse } from '../sql-warehouse.js';
import { DuckDbDatabase } from './duckdb-database.js';
import { DuckDbTableWriter } from './duckdb-table-writer.js';
import { OwnerLock } from './owner-lock.js';

/** Bounded, because the service lives beside it; no extension is ever fetched and no other file is read. */
export const DUCKDB_SETTINGS = {
  threads: '2',
  memory_limit: '512MB',
  storage_compatibility_version: 'latest',
  // Measured on raw rows of 5 KB, beside the 16 MB that DuckDB begins with: a third less work for each row, fewer pauses, and a
  // file a third smaller. After a crash so much is read again, within about a second.
  checkpoint_threshold: '64MB',
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  enable_external_access: 'false',
};

/**
 * What can be set only once the file is open. Measured on raw rows of 5 KB: with DICT_FSST a checkpoint of 16 MB
 * holds up the writes for 0.7 to 4 s, growing with the table; without it for 0.3 s, and the file is smaller.
 */
export const DUCKDB_STATEMENTS = ["SET disabled_compression_methods = 'dict_fsst'", "SET TimeZone = 'UTC'"];

const LOCKED = /Could not set lock on file|Conflicting lock/;

/** Opening a file twice in one process corrupts it without a word, so this process remembers what it opened. */
const openFiles = new Set<string>();

interface Opened {
  readonly instance: DuckDBInstance;
  readonly writer: DuckDBConnection;
  readonly reader: DuckDBConnection;
  /** They know what is in the tables, so they are as old as the opening. */
  readonly writers: Map<TableName, DuckDbTableWriter>;
}

/** The embedded warehouse: one file, one process; one connection writes and one reads. */
export class DuckDbWarehouse implements SqlWarehouse {
  readonly description: string;
  readonly status: WarehouseStatus = { circuit: 'closed' };
  readonly reading = new DuckDbDatabase((work) => this.read(work));
  readonly upkeep = new DuckDbDatabase((work) => this.exclusively(work));
  private readonly path: string;
  private readonly owner: OwnerLock;
  private opened?: Opened;
  private isClosing = false;
  /** The last write; the next one waits for it, because concurrent writes to one key conflict. */
  private lastWrite: Promise<unknown> = Promise.resolve();
  private readonly reads = new Set<Promise<unknown>>();
  /** Ends early once the file is to be closed. */
  private learning: Promise<unknown> = Promise.resolve();

  /**
   * @param path of the file.
   * @param onSlow told why batches stay slower than they need be; nothing is lost by it.
   */
  constructor(
    path: string,
    private readonly onSlow: (reason: string) => void = () => undefined,
  ) {
    this.path = resolve(path);
    this.owner = new OwnerLock(this.path);
    this.description = `DuckDB ${this.path}`;
  }

  async open(): Promise<void> {
    await this.openFile();
    try {
      const keeper = new SchemaKeeper(this.upkeep);
      await keeper.migrate('service');
      await keeper.verify();
      this.learning = this.learnKeys(this.whileOpen());
    } catch (error) {
      await this.letGo();
      throw error;
    }
  }

  async migrate(): Promise<AppliedMigration[]> {
    if (this.opened === undefined) await this.openFile();
    return new SchemaKeeper(this.upkeep).migrate('npm run migrate');
  }

  /** A file of our own needs no breaker. */
  watchCircuit(listener: (state: CircuitState) => void): void {
    listener('closed');
  }

  write(table: TableName, rows: readonly RowValues[]): Promise<number> {
    return this.exclusively((connection, { writers }) => writerOf(table, writers).write(connection, rows));
  }

  async ping(): Promise<void> {
    await this.reading.query({ sql: 'SELECT 1' });
  }

  /** Closing with a statement in flight crashes the process, so it waits its turn. */
  async close(): Promise<void> {
    if (this.opened === undefined) return;
    this.isClosing = true;
    await this.learning;
    try {
      await this.exclusively((connection) => connection.run('CHECKPOINT'));
    } finally {
      await this.letGo();
    }
  }

  private async openFile(): Promise<void> {
    if (openFiles.has(this.path)) {
      throw new AppError('WAREHOUSE.IN_USE', `${this.path} is already open in this process`);
    }
    this.owner.take();
    openFiles.add(this.path);
    try {
      const instance = await openInstance(this.path);
      const [writer, reader] = [await instance.connect(), await instance.connect()];
      for (const statement of DUCKDB_STATEMENTS) {
        for (const connection of [writer, reader]) await connection.run(statement);
      }
      this.isClosing = false;
      this.opened = { instance, writer, reader, writers: new Map() };
    } catch (error) {
      await this.letGo();
      throw error;
    }
  }

  /** Behind the start and beside the writes, which a large file would hold up. */
  private async learnKeys({ instance, writers }: Opened): Promise<void> {
    const connection = await instance.connect();
    try {
      for (const table of TABLES.keys()) {
        const writer = writerOf(table, writers);
        await this.exclusively((own) => writer.beginNoting(own));
        await writer.learn(connection, () => !this.isClosing);
        // Ends the transaction of a reading that was left; closing the connection does not, and no checkpoint works.
        if (this.isClosing) return void (await connection.run('SELECT 1'));
      }
    } catch (error) {
      // Its batches are merged, as before; the file may also have been closed meanwhile.
      if (!this.isClosing) this.onSlow((error as Error).message);
    } finally {
      connection.closeSync();
    }
  }

  private async letGo(): Promise<void> {
    const opened = this.opened;
    this.opened = undefined;
    this.isClosing = true;
    await Promise.allSettled([this.lastWrite, this.learning, ...this.reads]);
    opened?.reader.closeSync();
    opened?.writer.closeSync();
    opened?.instance.closeSync();
    openFiles.delete(this.path);
    this.owner.release();
  }

  private exclusively<T>(work: (connection: DuckDBConnection, opened: Opened) => Promise<T>): Promise<T> {
    const mine = this.lastWrite.then(() => {
      const opened = this.whileOpen();
      return work(opened.writer, opened);
    });
    // The next in line waits for the end of this one, not for its success; this one's caller gets its error.
    this.lastWrite = mine.catch(() => undefined);
    return mine;
  }

  private async read<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const reading = work(this.whileOpen().reader);
    this.reads.add(reading);
    try {
      return await reading;
    } finally {
      this.reads.delete(reading);
    }
  }

  private whileOpen(): Opened {
    if (this.opened === undefined) {
      throw new AppError('WAREHOUSE.UNAVAILABLE', 'the warehouse is closed', 'backoff');
    }
    return this.opened;
  }
}

function writerOf(table: TableName, writers: Opened['writers']): DuckDbTableWriter {
  const writer = writers.get(table) ?? new DuckDbTableWriter(tableNamed(table));
  writers.set(table, writer);
  return writer;
}

async function openInstance(path: string): Promise<DuckDBInstance> {
  try {
    return await DuckDBInstance.create(path, DUCKDB_SETTINGS);
  } catch (error) {
    if (!LOCKED.test((error as Error).message)) throw error;
    throw new AppError(
      'WAREHOUSE.IN_USE',
      `${path} is in use by another process; a DuckDB file belongs to one`,
      'never',
      { cause: error },
    );
  }
}
