import { Inject, Injectable } from '@nestjs/common';
import { AppError } from '../contracts/errors.js';
import type {
  RefusedRow,
  RefusedRowFilter,
  RefusedRowPage,
  RefusedRows,
} from '../contracts/ports/refused-rows.port.js';
import type { RowValues, TableName } from '../contracts/tables.js';
import { RedisClient } from '../redis/redis-client.js';
import { BYTES_KEY, outboxKey, REFUSED_COUNTS_KEY, refusedKey } from './outbox-keys.js';
import { TABLES } from './schema.js';

/** Rows may be megabytes large: so many are read at once. */
const READ_ROWS = 20;

/**
 * Takes a refused row out, and puts it back into the outbox where ARGV[4] is 'replay'.
 * KEYS: refused stream, counts of refusals, outbox stream, bytes by table. ARGV: table, id, code, what to do.
 */
const TAKE = `
local entry = redis.call('XRANGE', KEYS[1], ARGV[2], ARGV[2])[1]
if not entry then return 0 end
redis.call('XDEL', KEYS[1], ARGV[2])
local field = ARGV[1] .. '|' .. ARGV[3]
if redis.call('HINCRBY', KEYS[2], field, -1) <= 0 then redis.call('HDEL', KEYS[2], field) end
if ARGV[4] == 'replay' then
  local row = entry[2][2]
  redis.call('XADD', KEYS[3], '*', 'row', row)
  redis.call('HINCRBY', KEYS[4], ARGV[1], string.len(row))
end
return 1`;

interface Place {
  readonly table: TableName;
  readonly streamId: string;
}

/** The refused rows in Redis: one stream per table, and their counts. */
@Injectable()
export class RedisRefusedRows implements RefusedRows {
  constructor(@Inject(RedisClient) private readonly redis: RedisClient) {}

  async list(filter: RefusedRowFilter, limit: number, cursor?: string): Promise<RefusedRowPage> {
    const rows: RefusedRow[] = [];
    for (const { table, start } of tablesFrom(cursor)) {
      if (filter.table !== undefined && filter.table !== table) continue;
      for await (const row of this.rowsOf(table, start)) {
        if (!isWanted(row, filter)) continue;
        // One more than asked for tells that there is another page.
        if (rows.length === limit) return { rows, nextCursor: rows.at(-1)?.id ?? null };
        rows.push(row);
      }
    }
    return { rows, nextCursor: null };
  }

  async find(id: string): Promise<RefusedRow | undefined> {
    const place = placeOf(id);
    if (place === undefined) return undefined;
    const { table, streamId } = place;
    const [entry] = await this.redis.xrange(refusedKey(table), streamId, streamId);
    return entry === undefined ? undefined : refusedRow(table, entry);
  }

  replay(id: string): Promise<boolean> {
    return this.take(id, 'replay');
  }

  discard(id: string): Promise<boolean> {
    return this.take(id, 'discard');
  }

  async counts(): Promise<readonly { table: TableName; code: string; count: number }[]> {
    const counts = await this.redis.hgetall(REFUSED_COUNTS_KEY);
    return Object.entries(counts).map(([field, count]) => {
      const [table = '', code = ''] = field.split('|');
      return { table: table as TableName, code, count: Number(count) };
    });
  }

  /** All rows of all tables, e.g. to look for a person in them. */
  async *all(): AsyncGenerator<RefusedRow> {
    for (const table of TABLES.keys()) yield* this.rowsOf(table, '-');
  }

  private async *rowsOf(table: TableName, start: string): AsyncGenerator<RefusedRow> {
    let from = start;
    for (;;) {
      const entries = await this.redis.xrange(refusedKey(table), from, '+', 'COUNT', READ_ROWS);
      for (const entry of entries) yield refusedRow(table, entry);
      const last = entries.at(-1);
      if (last === undefined || entries.length < READ_ROWS) return;
      from = `(${last[0]}`;
    }
  }

  private async take(id: string, what: 'replay' | 'discard'): Promise<boolean> {
    const row = await this.find(id);
    const place = placeOf(id);
    if (row === undefined || place === undefined) return false;
    const { table, streamId } = place;
    const keys = [refusedKey(table), REFUSED_COUNTS_KEY, outboxKey(table), BYTES_KEY];
    return (await this.redis.eval(TAKE, keys.length, ...keys, table, streamId, row.code, what)) === 1;
  }
}

/** Ids are `<table>:<stream id>`. */
function placeOf(id: string): Place | undefined {
  const [table = '', streamId = ''] = id.split(':');
  if (!TABLES.has(table as TableName) || !/^\d+-\d+$/.test(streamId)) return undefined;
  return { table: table as TableName, streamId };
}

/** The tables that a listing has still to look at, each with where to begin. */
function tablesFrom(cursor: string | undefined): { table: TableName; start: string }[] {
  const tables = [...TABLES.keys()];
  if (cursor === undefined) return tables.map((table) => ({ table, start: '-' }));
  const place = placeOf(cursor);
  if (place === undefined) throw new AppError('REQUEST.INVALID_CURSOR', 'the cursor is none of ours');
  return tables.slice(tables.indexOf(place.table)).map((table) => {
    return { table, start: table === place.table ? `(${place.streamId}` : '-' };
  });
}

function isWanted(row: RefusedRow, { code, since, until }: RefusedRowFilter): boolean {
  return (
    (code ?? row.code) === row.code &&
    (since === undefined || row.refusedAt >= isoOf(since)) &&
    (until === undefined || row.refusedAt < isoOf(until))
  );
}

function refusedRow(table: TableName, [streamId, fields]: [string, string[]]): RefusedRow {
  const named = namedFields(fields);
  const reason = named.get('reason') ?? '';
  return {
    id: `${table}:${streamId}`,
    table,
    // Rows refused by the first release have their code in the reason only.
    code: named.get('code') ?? reason.split(':')[0] ?? '',
    reason,
    refusedAt: new Date(Number(streamId.split('-')[0])).toISOString(),
    values: JSON.parse(named.get('row') ?? '{}') as RowValues,
  };
}

/** Redis gives the fields of an entry as name, value, name, value. */
function namedFields(fields: readonly string[]): Map<string, string> {
  const named = new Map<string, string>();
  for (let index = 0; index < fields.length; index += 2) {
    named.set(fields[index] ?? '', fields[index + 1] ?? '');
  }
  return named;
}

function isoOf(time: string): string {
  return new Date(time).toISOString();
}
