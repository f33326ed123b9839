import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { PinoLogger } from 'nestjs-pino';
import { Counter, Histogram } from 'prom-client';
import { loadConfig } from '../../../src/config/load-config.js';
import type { Warehouse } from '../../../src/contracts/ports/warehouse.port.js';
import type { RowValues, TableRow } from '../../../src/contracts/tables.js';
import { DuckDbWarehouse } from '../../../src/warehouse/duckdb/duckdb.warehouse.js';
import { RedisOutbox } from '../../../src/warehouse/redis-outbox.js';
import { RedisRefusedRows } from '../../../src/warehouse/redis-refused-rows.js';
import { TableLeases } from '../../../src/warehouse/table-leases.js';
import { TableLoader } from '../../../src/warehouse/table-loader.js';
import { startRedis } from '../../support/redis-server.js';
import { waitFor } from '../../support/wait-for.js';
import { queryWarehouse } from '../../support/warehouse-file.js';

const row = (eventId: string, more: RowValues = {}): TableRow => ({
  table: 'GONG_WEBHOOKS_RAW',
  values: {
    EVENT_ID: eventId,
    TENANT: 'main',
    SOURCE: 'gong',
    EVENT_TYPE: 'call',
    BODY: '{}',
    BODY_ENCODING: 'utf8',
    PAYLOAD_SHA256: 'ab',
    RECEIVED_AT: new Date().toISOString(),
    ...more,
  },
});

describe('the outbox and its loader', () => {
  let server: Awaited<ReturnType<typeof startRedis>>;
  let redis: Redis;
  let folder: string;
  let warehouse: DuckDbWarehouse;
  let outbox: RedisOutbox;
  let refused: RedisRefusedRows;

  beforeAll(async () => {
    server = await startRedis();
    redis = new Redis(server.url);
  });
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });
  beforeEach(async () => {
    await redis.flushdb();
    folder = mkdtempSync(join(tmpdir(), 'tributary-loader-test-'));
    warehouse = new DuckDbWarehouse(join(folder, 'warehouse.duckdb'));
    await warehouse.open();
    outbox = new RedisOutbox(redis);
    refused = new RedisRefusedRows(redis);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function loaderFor(target: Warehouse): TableLoader {
    const registers: [] = [];
    return new TableLoader(
      outbox,
      new TableLeases(redis),
      loadConfig({}),
      target,
      new Counter({ name: 'rows', help: 'rows', labelNames: ['table'], registers }),
      new Histogram({ name: 'flush', help: 'flush', registers }),
      new Histogram({ name: 'age', help: 'age', labelNames: ['vendor'], registers }),
      new PinoLogger({ pinoHttp: { level: 'silent' } }),
    );
  }

  const waiting = async () => (await outbox.backlogs()).get('GONG_WEBHOOKS_RAW')?.rows;
  const isEmpty = async () => (await waiting()) === 0;
  const eventIds = async () => {
    await warehouse.close();
    const rows = await queryWarehouse(
      join(folder, 'warehouse.duckdb'),
      'SELECT EVENT_ID FROM GONG_WEBHOOKS_RAW ORDER BY 1',
    );
    return rows.map(({ EVENT_ID }) => EVENT_ID);
  };

  it('writes what waits, once, and counts the bytes back to nothing', async () => {
    const rows = Array.from({ length: 450 }, (_item, index) => row(`e${String(index).padStart(3, '0')}`));
    await outbox.append(rows);
    await outbox.append(rows.slice(0, 10));
    expect(await outbox.waitingBytes()).toBeGreaterThan(450 * 100);
    const loader = loaderFor(warehouse);
    loader.start();
    await waitFor('the outbox to be empty', isEmpty);
    await loader.stop();
    expect(await outbox.waitingBytes()).toBe(0);
    expect(await eventIds()).toEqual(rows.map(({ values }) => values.EVENT_ID));
  });

  it('flushes what waits when it stops', async () => {
    const loader = loaderFor(warehouse);
    loader.start();
    await outbox.append([row('last')]);
    await loader.stop();
    expect(await eventIds()).toEqual(['last']);
  });

  it('sets a poison row aside with its reason, and lets the rest through', async () => {
    const good = Array.from({ length: 30 }, (_item, index) => row(`g${String(index).padStart(2, '0')}`));
    await outbox.append([
      ...good.slice(0, 17),
      row('poison', { RECEIVED_AT: 'yesterday' }),
      ...good.slice(17),
    ]);
    const loader = loaderFor(warehouse);
    loader.start();
    await waitFor('the outbox to be empty', isEmpty);
    await loader.stop();
    expect(await refused.counts()).toEqual([
      { table: 'GONG_WEBHOOKS_RAW', code: 'WAREHOUSE.ROW_REFUSED', count: 1 },
    ]);
    expect(await eventIds()).toEqual(good.map(({ values }) => values.EVENT_ID));
  });

  it('keeps rows while the warehouse is away, and writes them when it is back', async () => {
    let isAway = true;
    let refusals = 0;
    const flaky: Warehouse = {
      description: 'flaky',
      status: { circuit: 'closed' },
      watchCircuit: (listener) => listener('closed'),
      open: () => warehouse.open(),
      ping: () => warehouse.ping(),
      close: () => warehouse.close(),
      write: (table, rows) => {
        if (!isAway) return warehouse.write(table, rows);
        refusals += 1;
        return Promise.reject(new Error('the warehouse is away'));
      },
    };
    const loader = loaderFor(flaky);
    loader.start();
    await outbox.append([row('one'), row('two')]);
    await waitFor('two refused writes', () => refusals >= 2);
    expect(await waiting()).toBe(2);
    isAway = false;
    await waitFor('the outbox to be empty', isEmpty);
    await loader.stop();
    expect(await eventIds()).toEqual(['one', 'two']);
  });

  it('writes a row once when it was committed but not yet removed', async () => {
    await outbox.append([row('one')]);
    await warehouse.write('GONG_WEBHOOKS_RAW', [row('one').values]);
    const loader = loaderFor(warehouse);
    loader.start();
    await waitFor('the outbox to be empty', isEmpty);
    await loader.stop();
    expect(await eventIds()).toEqual(['one']);
  });

  it('stores text that no column takes in a form that every column takes', async () => {
    await outbox.append([row('odd', { REQUEST_ID: 'nul:\u0000 lone:\ud800 fine:🙂' })]);
    const loader = loaderFor(warehouse);
    loader.start();
    await waitFor('the outbox to be empty', isEmpty);
    await loader.stop();
    await warehouse.close();
    const rows = await queryWarehouse(
      join(folder, 'warehouse.duckdb'),
      'SELECT REQUEST_ID FROM GONG_WEBHOOKS_RAW',
    );
    expect(rows).toEqual([{ REQUEST_ID: 'nul: lone:\ufffd fine:🙂' }]);
  });
});
