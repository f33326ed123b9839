import { Inject, Injectable } from '@nestjs/common';
import type { Outbox } from '../contracts/ports/outbox.port.js';
import type { RowValues, TableName, TableRow } from '../contracts/tables.js';
import { RedisClient } from '../redis/redis-client.js';
import { BYTES_KEY, outboxKey, REFUSED_COUNTS_KEY, refusedKey } from './outbox-keys.js';
import { allDone } from './redis-answers.js';
import { TABLES } from './schema.js';
import type { Lease } from './table-leases.js';

/** A row that waits, with its place in the stream. */
export interface WaitingRow {
  readonly id: string;
  readonly bytes: number;
  readonly values: RowValues;
}

export interface Backlog {
  readonly rows: number;
  readonly bytes: number;
  /** Age of the oldest row in seconds; 0 where none waits. */
  readonly oldestAgeSeconds: number;
}

/** Rows may be megabytes large: so many are read before their size is known. */
const FIRST_READ_ROWS = 8;

/**
 * Takes rows out and counts their bytes back, each only if it is still there; with a lease only while it is
 * held. KEYS: stream, bytes by table, lease. ARGV: table, lease token or '', then id and bytes of each row.
 */
const REMOVE = `
if ARGV[2] ~= '' and redis.call('GET', KEYS[3]) ~= ARGV[2] then return -1 end
local removed = 0
local bytes = 0
for index = 3, #ARGV, 2 do
  if redis.call('XDEL', KEYS[1], ARGV[index]) == 1 then
    removed = removed + 1
    bytes = bytes + tonumber(ARGV[index + 1])
  end
end
if bytes > 0 then redis.call('HINCRBY', KEYS[2], ARGV[1], -bytes) end
return removed`;

/**
 * Moves a row to the refused ones. KEYS: stream, bytes by table, refused stream, counts of refusals.
 * ARGV: table, id, bytes, row, code, reason.
 */
const REFUSE = `
if redis.call('XDEL', KEYS[1], ARGV[2]) == 0 then return 0 end
redis.call('HINCRBY', KEYS[2], ARGV[1], -tonumber(ARGV[3]))
redis.call('XADD', KEYS[3], '*', 'row', ARGV[4], 'code', ARGV[5], 'reason', ARGV[6])
redis.call('HINCRBY', KEYS[4], ARGV[1] .. '|' .. ARGV[5], 1)
return 1`;

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
      transaction.xadd(outboxKey(table), '*', 'row', text);
      transaction.hincrby(BYTES_KEY, table, Buffer.byteLength(text));
    }
    allDone(await transaction.exec());
  }

  async waitingBytes(): Promise<number> {
    const byTable = await this.redis.hvals(BYTES_KEY);
    return byTable.reduce((sum, bytes) => sum + Number(bytes), 0);
  }

  /** The oldest waiting rows of a table, up to so many and so large; a larger one comes alone. */
  async oldest(table: TableName, maxRows: number, maxBytes: number): Promise<WaitingRow[]> {
    const rows: WaitingRow[] = [];
    let bytes = 0;
    let wanted = FIRST_READ_ROWS;
    while (rows.length < maxRows) {
      const from = rows.at(-1)?.id;
      const count = Math.min(wanted, maxRows - rows.length);
      const read = await this.readFrom(table, from, count);
      for (const row of read) {
        bytes += row.bytes;
        if (rows.length > 0 && bytes > maxBytes) return rows;
        rows.push(row);
      }
      if (read.length < count) return rows;
      // As many as should still fit, by the mean of those seen.
      wanted = Math.max(1, Math.floor((maxBytes - bytes) / Math.max(1, bytes / rows.length)));
    }
    return rows;
  }

  /**
   * Takes rows out, once the warehouse has committed them.
   * @returns false when the lease is another's by now; then the rows stay, and are written again by its holder.
   */
  async remove(table: TableName, rows: readonly WaitingRow[], lease?: Lease): Promise<boolean> {
    const removed = await this.redis.eval(
      REMOVE,
      3,
      outboxKey(table),
      BYTES_KEY,
      lease?.key ?? BYTES_KEY,
      table,
      lease?.token ?? '',
      ...rows.flatMap(({ id, bytes }) => [id, bytes]),
    );
    return removed !== -1;
  }

  /** Moves a row that the warehouse can never take to the refused rows, with the reason, in one step. */
  async refuse(table: TableName, row: WaitingRow, code: string, reason: string): Promise<void> {
    await this.redis.eval(
      REFUSE,
      4,
      outboxKey(table),
      BYTES_KEY,
      refusedKey(table),
      REFUSED_COUNTS_KEY,
      table,
      row.id,
      row.bytes,
      JSON.stringify(row.values),
      code,
      reason,
    );
  }

  /** The newest row of each table that has any now: a mark for `holds`. */
  async newest(): Promise<Map<TableName, string>> {
    const newest = new Map<TableName, string>();
    for (const table of TABLES.keys()) {
      const [entry] = await this.redis.xrevrange(outboxKey(table), '+', '-', 'COUNT', 1);
      if (entry !== undefined) newest.set(table, entry[0]);
    }
    return newest;
  }

  /** Whether any row up to these marks still waits. */
  async holds(marks: ReadonlyMap<TableName, string>): Promise<boolean> {
    for (const [table, mark] of marks) {
      const older = await this.redis.xrange(outboxKey(table), '-', mark, 'COUNT', 1);
      if (older.length > 0) return true;
    }
    return false;
  }

  /** How much waits, for every table. */
  async backlogs(): Promise<Map<TableName, Backlog>> {
    const tables = [...TABLES.keys()];
    const reading = this.redis.pipeline();
    for (const table of tables) {
      reading.xlen(outboxKey(table)).xrange(outboxKey(table), '-', '+', 'COUNT', 1).hget(BYTES_KEY, table);
    }
    const answers = allDone(await reading.exec());
    return new Map(
      tables.map((table, index) => {
        const [rows, first, bytes] = answers.slice(3 * index, 3 * index + 3) as [
          number,
          [string, string[]][],
          string | null,
        ];
        return [table, { rows, bytes: Number(bytes ?? 0), oldestAgeSeconds: ageOf(first[0]?.[0]) }];
      }),
    );
  }

  private async readFrom(table: TableName, after: string | undefined, count: number): Promise<WaitingRow[]> {
    const start = after === undefined ? '-' : `(${after}`;
    const entries = await this.redis.xrange(outboxKey(table), start, '+', 'COUNT', count);
    return entries.map(([id, [, text = '{}']]) => {
      return { id, bytes: Buffer.byteLength(text), values: JSON.parse(text) as RowValues };
    });
  }
}

/** Seconds since the time in a stream id, `<milliseconds>-<sequence>`. */
function ageOf(id: string | undefined): number {
  return id === undefined ? 0 : Math.max(0, (Date.now() - Number(id.split('-')[0])) / 1000);
}

/** As JSON.stringify writes what no column takes. Text that only looks so is none the worse for a second look. */
const UNSTORABLE = /\\u(?:0000|d[89a-f])/;
const LONE_SURROGATES = /\p{Surrogate}/gu;

/** Text that every warehouse takes: lone surrogates and NUL are legal in JSON and in no column. */
function rowText(values: RowValues): string {
  const text = JSON.stringify(values);
  if (!UNSTORABLE.test(text)) return text;
  return JSON.stringify(values, (_key, value: unknown) =>
    typeof value === 'string' ? storableText(value) : value,
  );
}

function storableText(text: string): string {
  return text.replaceAll('\u0000', '').replace(LONE_SURROGATES, '\ufffd');
}
