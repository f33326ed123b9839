import { Inject, Injectable } from '@nestjs/common';
import type {
  ArrivingEvent,
  ArrivingRows,
  ArrivingRowsReader,
} from '../contracts/ports/arriving-rows.port.js';
import type { RowValues, TableName } from '../contracts/tables.js';
import type { EventKind, Vendor } from '../contracts/vendor.js';
import { RedisClient } from '../redis/redis-client.js';
import { outboxKey } from './outbox-keys.js';
import { TABLES } from './schema.js';
import { stageRecord } from './stage-record.js';

const PAGE = 200;
const MOST_PAGES = 25;
const RAW_TABLES = ['GONG_WEBHOOKS_RAW', 'ZOHO_EVENTS_RAW'] as const;

/**
 * The rows of one event among the newest of a table. Rows of others are not sent: they may be large.
 * KEYS: stream. ARGV: 1 the id to begin below, or '+', 2 how many to look at, 3 and 4 what a row of it holds.
 * Returns how many were looked at, the id of the last, and the rows.
 */
const FIND_ROWS = `
local entries = redis.call('XREVRANGE', KEYS[1], ARGV[1], '-', 'COUNT', ARGV[2])
local answer = { #entries, #entries > 0 and entries[#entries][1] or '' }
for _, entry in ipairs(entries) do
  local row = entry[2][2]
  if string.find(row, ARGV[3], 1, true) or string.find(row, ARGV[4], 1, true) then
    answer[#answer + 1] = row
  end
end
return answer`;

/** Looks into the streams of the outbox. */
@Injectable()
export class RedisArrivingRows implements ArrivingRowsReader {
  constructor(@Inject(RedisClient) private readonly redis: RedisClient) {}

  async ofEvent(eventId: string): Promise<ArrivingRows> {
    const tables = [...TABLES.keys()];
    const found = await Promise.all(tables.map((table) => this.rowsOf(eventId, table)));
    const byTable = new Map(tables.map((table, index) => [table, found[index] ?? []]));
    const [raw] = RAW_TABLES.flatMap((table) =>
      (byTable.get(table) ?? []).map((values) => arrivingEvent(table, values)),
    );
    return {
      event: raw ?? null,
      history: (byTable.get('WEBHOOK_PROCESSING_HISTORY') ?? []).map((values) => stageRecord(values)),
      rows: Object.fromEntries(
        [...byTable].filter(([, rows]) => rows.length > 0).map(([table, rows]) => [table, rows.length]),
      ),
    };
  }

  async newestEvents(limit: number): Promise<readonly ArrivingEvent[]> {
    const found = await Promise.all(
      RAW_TABLES.map(async (table) => {
        const entries = await this.redis.xrevrange(outboxKey(table), '+', '-', 'COUNT', limit);
        return entries.map(([, [, text = '{}']]) => arrivingEvent(table, JSON.parse(text) as RowValues));
      }),
    );
    return found.flat();
  }

  private async rowsOf(eventId: string, table: TableName): Promise<RowValues[]> {
    const rows: RowValues[] = [];
    let below = '+';
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const [count, last, ...texts] = (await this.redis.eval(
        FIND_ROWS,
        1,
        outboxKey(table),
        below,
        PAGE,
        `"EVENT_ID":${JSON.stringify(eventId)}`,
        `"SOURCE_EVENT_ID":${JSON.stringify(eventId)}`,
      )) as [number, string, ...string[]];
      rows.push(...texts.map((text) => JSON.parse(text) as RowValues));
      if (count < PAGE) break;
      below = `(${last}`;
    }
    return rows;
  }
}

function arrivingEvent(table: (typeof RAW_TABLES)[number], values: RowValues): ArrivingEvent {
  const text = (name: string) => (typeof values[name] === 'string' ? values[name] : null);
  const common = {
    eventId: text('EVENT_ID') ?? '',
    correlationId: text('REQUEST_ID'),
    signingKeyId: text('SIGNING_KEY_ID'),
    receivedAt: text('RECEIVED_AT') ?? '',
  };
  if (table === 'GONG_WEBHOOKS_RAW') {
    return {
      ...common,
      vendor: text('SOURCE') as Vendor,
      kind: text('EVENT_TYPE') as EventKind,
      objectId: text('OBJECT_ID'),
      ...{ channelId: null, module: null, operation: null },
    };
  }
  const [objectId = null] = JSON.parse(text('RECORD_IDS') ?? '[]') as string[];
  return {
    ...common,
    vendor: 'zoho',
    kind: 'record',
    objectId,
    channelId: text('CHANNEL_ID'),
    module: text('MODULE'),
    operation: text('OPERATION'),
  };
}
