import type { DuckDBConnection } from '@duckdb/node-api';
import { AppError } from '../../contracts/errors.js';
import type { RowValues } from '../../contracts/tables.js';
import type { Table } from '../schema.js';
import { duckDbError, isOutOfMemory } from './duckdb-error.js';
import { DUCKDB, insertStatement } from './duckdb-sql.js';
import { KeySketch } from './key-sketch.js';

/** 64 bits as two numbers of 32, which JavaScript reads without a BigInt for each. */
const HASH = (key: string) =>
  `(hash(${key}) & 4294967295)::UINTEGER AS LOW, (hash(${key}) >> 32)::UINTEGER AS HIGH`;
/** Rows of 32 MB were written within the memory of the embedded warehouse; what Snowflake takes is less. */
const MAX_ROW_BYTES = 16_000_000;

/**
 * Writes the rows of one table, each key once. An index would have to fit into memory (512 MB of it were full with
 * some four million keys, and then no write succeeds any more), and reading the table for each batch takes
 * longer the larger it is. So a sketch of the keys says which batches are new through and through: those are just
 * inserted. The others are merged, which reads the keys of the table; and so is every batch until the sketch has all.
 * The file belongs to this process, so nobody else brings keys in.
 */
export class DuckDbTableWriter {
  private keys?: KeySketch;
  private knowsAll = false;

  constructor(private readonly table: Table) {}

  /**
   * One statement: all rows or none. Not to be called while another write to the table is under way.
   * @returns how many rows changed.
   * @throws AppError `WAREHOUSE.ROW_REFUSED`, `WAREHOUSE.UNAVAILABLE`
   */
  async write(connection: DuckDBConnection, rows: readonly RowValues[]): Promise<number> {
    const text = JSON.stringify(rows);
    try {
      const isNew = await this.areNew(connection, rows);
      const sql = isNew ? insertStatement(this.table) : DUCKDB.write(this.table);
      return (await connection.run(sql, [text])).rowsChanged;
    } catch (error) {
      if (isOutOfMemory(error as Error) && text.length > MAX_ROW_BYTES) {
        throw new AppError('WAREHOUSE.ROW_REFUSED', 'a row does not fit into memory', 'never', {
          cause: error,
        });
      }
      throw duckDbError(error as Error);
    }
  }

  /** From here on writes note their keys. Not to be called while one is under way: nobody would note what it brings. */
  async beginNoting(connection: DuckDBConnection): Promise<void> {
    const [[count] = []] = await (await connection.run(`SELECT COUNT(*) FROM ${this.table.name}`)).getRows();
    // As much again may come before it grows.
    this.keys = new KeySketch(Number(count) * 2);
  }

  /**
   * Notes the keys that were there before, beside the writes.
   * @param connection one of its own: another statement would end the reading.
   * @param isWanted asked after each piece; without it the rest is left.
   */
  async learn(connection: DuckDBConnection, isWanted: () => boolean): Promise<void> {
    const { keys } = this;
    const { key, name } = this.table;
    if (keys === undefined) throw new Error(`the keys of ${name} are not noted yet`);
    for await (const chunk of await connection.stream(`SELECT ${HASH(key)} FROM ${name}`)) {
      const lows = chunk.getColumnValues(0);
      const highs = chunk.getColumnValues(1);
      const { rowCount } = chunk;
      for (let row = 0; row < rowCount; row += 1) keys.add(Number(lows[row]), Number(highs[row]));
      if (!isWanted()) return;
    }
    this.knowsAll = true;
  }

  /** Whether none of the keys has been there. They are known from then on, even if the write fails. */
  private async areNew(connection: DuckDBConnection, rows: readonly RowValues[]): Promise<boolean> {
    const { keys, knowsAll } = this;
    if (keys === undefined) return false;
    const { key } = this.table;
    const values = JSON.stringify(rows.map((row) => row[key] ?? null));
    const sql = `SELECT ${HASH('k')} FROM (SELECT unnest(from_json(?, '["VARCHAR"]')) AS k)`;
    const hashes = await (await connection.run(sql, [values])).getRows();
    const areNew = knowsAll && !hashes.some(([low, high]) => keys.mayHave(Number(low), Number(high)));
    for (const [low, high] of hashes) keys.add(Number(low), Number(high));
    return areNew;
  }
}
