import { Inject, Injectable } from '@nestjs/common';
import { KEY_PREFIX } from '../contracts/queues.js';
import type { Outbox } from '../contracts/ports/outbox.port.js';
import type { RowValues, TableName, TableRow } from '../contracts/tables.js';
import { RedisClient } from '../redis/redis-client.js';
import { TABLES } from './schema.js';

const BYTES_KEY = `${KEY_PREFIX}:outbox:bytes`;

/** A row that waits, with its place in the stream. */
export interface WaitingRow {
  readonly id: string;
  readonly bytes: number;
  readonly values: RowValues;
}

export interface Backlog {
  readonly rows: number;
  /** Age of the oldest row in seconds; 0 where none waits. */
  readonly oldestAgeSeconds: number;
}

/**
 * The outbox: one Redis stream per table. It is bounded by admission (OUTBOX_MAX_BYTES), never by trimming:
 * a row leaves only when the warehouse has committed it.
 */
@Injectable()
export class RedisOutbox implements Outbox {
  constructor(@Inject(RedisClient) private readonly redis: RedisClient) {}

  async append(rows: readonly TableRow[]): Promise<void> {
    const transaction = this.redis.multi();
    for (const { table, values } of rows) {
      const text = rowText(values);
      transaction.xadd(streamOf(table), '*', 'row', text);
      transaction.hincrby(BYTES_KEY, table, text.length);
    }
    allDone(await transaction.exec());
  }

  async waitingBytes(): Promise<number> {
    const byTable = await this.redis.hvals(BYTES_KEY);
    return byTable.reduce((sum, bytes) => sum + Number(bytes), 0);
  }

  /** The oldest waiting rows of a table, up to so many and so large. */
  async oldest(table: TableName, maxRows: number, maxBytes: number): Promise<WaitingRow[]> {
    const entries = await this.redis.xrange(streamOf(table), '-', '+', 'COUNT', maxRows);
    const rows: WaitingRow[] = [];
    let bytes = 0;
    for (const [id, [, text = '{}']] of entries) {
      bytes += text.length;
      // One row alone may be larger than a batch should be: it goes by itself.
      if (rows.length > 0 && bytes > maxBytes) break;
      rows.push({ id, bytes: text.length, values: JSON.parse(text) as RowValues });
    }
    return rows;
  }

  /** Takes rows out, once the warehouse has committed them. */
  async remove(table: TableName, rows: readonly WaitingRow[]): Promise<void> {
    const transaction = this.redis.multi();
    this.takeOut(transaction, table, rows);
    allDone(await transaction.exec());
  }

  /** Moves a row that the warehouse can never take to the refused rows, with the reason, in one step. */
  async refuse(table: TableName, row: WaitingRow, reason: string): Promise<void> {
    const transaction = this.redis.multi();
    transaction.xadd(refusedStreamOf(table), '*', 'row', JSON.stringify(row.values), 'reason', reason);
    this.takeOut(transaction, table, [row]);
    allDone(await transaction.exec());
  }

  /** How much waits, for every table. */
  async backlogs(): Promise<Map<TableName, Backlog>> {
    const tables = [...TABLES.keys()];
    const reading = this.redis.pipeline();
    for (const table of tables) reading.xlen(streamOf(table)).xrange(streamOf(table), '-', '+', 'COUNT', 1);
    const answers = allDone(await reading.exec());
    return new Map(
      tables.map((table, index) => {
        const first = (answers[2 * index + 1] as [string, string[]][])[0];
        const oldestAgeSeconds =
          first === undefined ? 0 : Math.max(0, (Date.now() - millisecondsOf(first[0])) / 1000);
        return [table, { rows: answers[2 * index] as number, oldestAgeSeconds }];
      }),
    );
  }

  /** How many rows were refused, by table. */
  async refusedCounts(): Promise<Map<TableName, number>> {
    const tables = [...TABLES.keys()];
    const reading = this.redis.pipeline();
    for (const table of tables) reading.xlen(refusedStreamOf(table));
    const answers = allDone(await reading.exec());
    return new Map(tables.map((table, index) => [table, answers[index] as number]));
  }

  private takeOut(
    transaction: ReturnType<RedisClient['multi']>,
    table: TableName,
    rows: readonly WaitingRow[],
  ): void {
    transaction.xdel(streamOf(table), ...rows.map(({ id }) => id));
    transaction.hincrby(BYTES_KEY, table, -rows.reduce((sum, { bytes }) => sum + bytes, 0));
  }
}

function streamOf(table: TableName): string {
  return `${KEY_PREFIX}:outbox:${table}`;
}

function refusedStreamOf(table: TableName): string {
  return `${KEY_PREFIX}:outbox-refused:${table}`;
}

/** The time in a stream id, `<milliseconds>-<sequence>`. */
function millisecondsOf(id: string): number {
  return Number(id.split('-')[0]);
}

/** Text that every warehouse takes: lone surrogates and NUL are legal in JSON and in no column. */
function rowText(values: RowValues): string {
  return JSON.stringify(values, (_key, value: unknown) =>
    typeof value === 'string' ? storableText(value) : value,
  );
}

const LONE_SURROGATES = /\p{Surrogate}/gu;

function storableText(text: string): string {
  return text.replaceAll('\u0000', '').replace(LONE_SURROGATES, '\ufffd');
}

/** The answers of a pipeline; the first error in it is thrown. */
function allDone(answers: [Error | null, unknown][] | null): unknown[] {
  if (answers === null) throw new Error('the transaction was aborted');
  return answers.map(([error, value]) => {
    if (error !== null) throw error;
    return value;
  });
}
