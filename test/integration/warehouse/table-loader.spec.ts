import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { PinoLogger } from 'nestjs-pino';
import { Counter, Histogram } from 'prom-client';
import { loadConfig } from '../../../src/config/load-config.js';
import { AppError } from '../../../src/contracts/errors.js';
import type { Warehouse } from '../../../src/contracts/ports/warehouse.port.js';
import type { RowValues, TableRow } from '../../../src/contracts/tables.js';
import { DuckDbWarehouse } from '../../../src/warehouse/duckdb/duckdb.warehouse.js';
import { RedisOutbox } from '../../../src/warehouse/redis-outbox.js';
import { leaseKey } from '../../../src/warehouse/outbox-keys.js';
import { PurgeSchedule } from '../../../src/warehouse/purge-schedule.js';
import { RedisRefusedRows } from '../../../src/warehouse/redis-refused-rows.js';
import { TableLeases } from '../../../src/warehouse/table-leases.js';
import { TableLoader } from '../../../src/warehouse/table-loader.js';
import { WarehouseKeeper } from '../../../src/warehouse/warehouse-keeper.js';
import { startRedis } from '../../support/redis-server.js';
import { personToErase } from '../../support/person-to-erase.js';
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
  afterEach(async () => {
    await warehouse.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function loaderFor(target: Warehouse, environment: Record<string, string> = {}): TableLoader {
    const registers: [] = [];
    return new TableLoader(
      outbox,
      new TableLeases(redis),
      loadConfig(environment),
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
      ...portOf(warehouse),
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

  describe('with several processes', () => {
    it('one loads a table at a time', async () => {
      let inside = 0;
      let most = 0;
      const watched: Warehouse = {
        ...portOf(warehouse),
        write: async (table, rows) => {
          inside += 1;
          most = Math.max(most, inside);
          try {
            return await warehouse.write(table, rows);
          } finally {
            inside -= 1;
          }
        },
      };
      const loaders = [loaderFor(watched), loaderFor(watched), loaderFor(watched)];
      for (const loader of loaders) loader.start();
      const rows = Array.from({ length: 900 }, (_item, index) => row(`e${String(index).padStart(3, '0')}`));
      for (let from = 0; from < rows.length; from += 100) await outbox.append(rows.slice(from, from + 100));
      await waitFor('the outbox to be empty', isEmpty);
      await Promise.all(loaders.map((loader) => loader.stop()));
      expect(most).toBe(1);
      expect(await outbox.waitingBytes()).toBe(0);
      expect((await eventIds()).length).toBe(900);
    });

    it('another takes over the table of one that died', async () => {
      await redis.set(leaseKey('GONG_WEBHOOKS_RAW'), 'of a dead process', 'PX', 1_500);
      await outbox.append([row('one')]);
      const loader = loaderFor(warehouse);
      loader.start();
      await waitFor('the outbox to be empty', isEmpty);
      await loader.stop();
      expect(await eventIds()).toEqual(['one']);
    });

    it('one that has lost its lease takes nothing out of the outbox', async () => {
      await outbox.append([row('one')]);
      const overslept: Warehouse = {
        ...portOf(warehouse),
        write: async (table, rows) => {
          const changed = await warehouse.write(table, rows);
          await redis.set(leaseKey(table), 'of another process', 'PX', 1_500);
          return changed;
        },
      };
      const loader = loaderFor(overslept);
      loader.start();
      await waitFor('the write', async () => (await redis.get(leaseKey('GONG_WEBHOOKS_RAW'))) !== null);
      await loader.stop();
      expect(await waiting()).toBe(1);
      const next = loaderFor(warehouse);
      next.start();
      await waitFor('the outbox to be empty', isEmpty);
      await next.stop();
      expect(await eventIds()).toEqual(['one']);
    });
  });

  it('writes rows that are too large for one batch each in its turn', async () => {
    const BODY = 'x'.repeat(700_000);
    await outbox.append([
      row('a', { BODY }),
      row('b', { BODY: BODY.repeat(3) }),
      row('c', { BODY }),
      row('d'),
    ]);
    const sizes: number[] = [];
    const watched: Warehouse = {
      ...portOf(warehouse),
      write: (table, rows) => {
        sizes.push(rows.length);
        return warehouse.write(table, rows);
      },
    };
    const loader = loaderFor(watched);
    loader.start();
    await waitFor('the outbox to be empty', isEmpty);
    await loader.stop();
    expect(sizes).toEqual([1, 1, 2]);
    expect(await outbox.waitingBytes()).toBe(0);
    expect(await eventIds()).toEqual(['a', 'b', 'c', 'd']);
  });

  it('does not wait for the age of rows when their bytes fill a batch', async () => {
    await outbox.append([row('a', { BODY: 'x'.repeat(1_000_000) })]);
    const loader = loaderFor(warehouse, { WAREHOUSE_FLUSH_SECONDS: '3600' });
    loader.start();
    await waitFor('the outbox to be empty', isEmpty);
    await outbox.append([row('b')]);
    await loader.stop();
    expect(await eventIds()).toEqual(['a', 'b']);
  });

  it('writes a table at 200 rows, never more at once, and no sooner than its rows are old enough', async () => {
    const written: [string, number][] = [];
    const watched: Warehouse = {
      ...portOf(warehouse),
      write: (table, rows) => {
        written.push([table, rows.length]);
        return warehouse.write(table, rows);
      },
    };
    const loader = loaderFor(watched, { WAREHOUSE_FLUSH_SECONDS: '3600' });
    await outbox.append(Array.from({ length: 199 }, (_item, index) => row(`e${index}`)));
    // Large enough to be due at once: when it is written, the other table has been looked at too.
    const large = row('z', { BODY: 'x'.repeat(1_000_000) });
    await outbox.append([{ ...large, table: 'ZOHO_EVENTS_RAW' }]);
    loader.start();
    await waitFor('the other table', () => written.length > 0);
    await outbox.append(Array.from({ length: 202 }, (_item, index) => row(`f${index}`)));
    await waitFor('the outbox to be empty', isEmpty);
    await loader.stop();
    expect(written).toEqual([
      ['ZOHO_EVENTS_RAW', 1],
      ['GONG_WEBHOOKS_RAW', 200],
      ['GONG_WEBHOOKS_RAW', 200],
      ['GONG_WEBHOOKS_RAW', 1],
    ]);
  });

  it('goes on with the other tables while one fails, and counts no failure of the rest', async () => {
    const history: TableRow = {
      table: 'WEBHOOK_PROCESSING_HISTORY',
      values: {
        HISTORY_ID: 'h',
        TENANT: 'main',
        EVENT_ID: 'e',
        SOURCE: 'gong',
        EVENT_TYPE: 'call',
        STAGE: 'land',
        STATUS: 'completed',
        ATTEMPT: 1,
        OCCURRED_AT: new Date().toISOString(),
      },
    };
    const lame: Warehouse = {
      ...portOf(warehouse),
      write: (table, rows) =>
        table === 'GONG_WEBHOOKS_RAW'
          ? Promise.reject(new AppError('WAREHOUSE.MISCONFIGURED', 'no such table'))
          : warehouse.write(table, rows),
    };
    await outbox.append([row('one'), history]);
    const loader = loaderFor(lame);
    loader.start();
    await waitFor('the other table', async () => {
      return (await outbox.backlogs()).get('WEBHOOK_PROCESSING_HISTORY')?.rows === 0;
    });
    expect(await waiting()).toBe(1);
    await loader.stop();
    expect(await refused.counts()).toEqual([]);
  });

  describe('the refused rows', () => {
    const poison = (id: string) => row(id, { RECEIVED_AT: 'yesterday' });

    async function refuse(...ids: string[]): Promise<void> {
      await outbox.append(ids.map((id) => poison(id)));
      const loader = loaderFor(warehouse);
      loader.start();
      await waitFor('the outbox to be empty', isEmpty);
      await loader.stop();
    }

    it('can be listed page by page, filtered, and read one by one', async () => {
      await refuse('p1', 'p2', 'p3');
      const ids: unknown[] = [];
      let cursor: string | undefined;
      do {
        const page = await refused.list({}, 2, cursor);
        ids.push(...page.rows.map(({ values }) => values.EVENT_ID));
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined);
      expect(ids.sort()).toEqual(['p1', 'p2', 'p3']);
      const { rows } = await refused.list({ table: 'GONG_WEBHOOKS_RAW', code: 'WAREHOUSE.ROW_REFUSED' }, 10);
      expect(rows.length).toBe(3);
      expect(await refused.find(rows[0]?.id ?? '')).toMatchObject({
        code: 'WAREHOUSE.ROW_REFUSED',
        reason: expect.stringMatching(/Conversion Error/) as string,
        refusedAt: expect.stringMatching(/Z$/) as string,
      });
      expect(JSON.stringify(rows[0]?.reason)).not.toContain('yesterday');
      for (const filter of [
        { table: 'ZOHO_EVENTS_RAW' as const },
        { code: 'OTHER' },
        { since: '2100-01-01T00:00:00Z' },
        { until: '2000-01-01T00:00:00Z' },
      ]) {
        expect((await refused.list(filter, 10)).rows).toEqual([]);
      }
      await expect(refused.list({}, 10, 'nonsense')).rejects.toMatchObject({
        code: 'REQUEST.INVALID_CURSOR',
      });
    });

    it('go back to the outbox when replayed, once, and leave for good when discarded', async () => {
      await refuse('p1', 'p2');
      const [first, second] = (await refused.list({}, 10)).rows;
      expect(await refused.replay(first?.id ?? '')).toBe(true);
      expect(await refused.replay(first?.id ?? '')).toBe(false);
      expect(await waiting()).toBe(1);
      expect(await outbox.waitingBytes()).toBeGreaterThan(100);
      expect(await refused.discard(second?.id ?? '')).toBe(true);
      expect(await refused.discard(second?.id ?? '')).toBe(false);
      expect(await refused.counts()).toEqual([]);
      // Its cause still stands: it comes back, and is lost neither way.
      await refuse();
      expect(await refused.counts()).toEqual([
        { table: 'GONG_WEBHOOKS_RAW', code: 'WAREHOUSE.ROW_REFUSED', count: 1 },
      ]);
      expect(await outbox.waitingBytes()).toBe(0);
    });

    it('of the first release are still there', async () => {
      await redis.xadd(
        '{tributary}:outbox-refused:GONG_WEBHOOKS_RAW',
        '*',
        'row',
        JSON.stringify(row('old').values),
        'reason',
        'WAREHOUSE.ROW_REFUSED: a reason',
      );
      const [old] = (await refused.list({}, 10)).rows;
      expect(old).toMatchObject({ code: 'WAREHOUSE.ROW_REFUSED', values: { EVENT_ID: 'old' } });
      expect(await refused.replay(old?.id ?? '')).toBe(true);
      expect(await refused.counts()).toEqual([]);
    });
  });

  describe('the keeper', () => {
    const keeperWith = (environment: Record<string, string> = {}) =>
      new WarehouseKeeper(outbox, refused, loadConfig(environment), warehouse);
    const hers = (id: string, more: RowValues = {}) =>
      row(id, { BODY: '{"email":"ana@corp.example"}', ...more });

    it('forgets a person among the rows on their way and the refused ones too', async () => {
      await outbox.append([hers('poison', { RECEIVED_AT: 'yesterday' }), row('other')]);
      await outbox.append([hers('waiting')]);
      const loader = loaderFor(warehouse);
      const erasing = keeperWith().erasePerson(personToErase('ana@corp.example'));
      loader.start();
      expect(await erasing).toMatchObject({ GONG_WEBHOOKS_RAW: 2 });
      await loader.stop();
      expect(await refused.counts()).toEqual([]);
      const rows = await warehouse.reading.query({
        sql: 'SELECT EVENT_ID, BODY FROM GONG_WEBHOOKS_RAW ORDER BY 1',
      });
      expect(rows).toEqual([
        { EVENT_ID: 'other', BODY: '{}' },
        { EVENT_ID: 'waiting', BODY: '[erased]' },
      ]);
    });
  });

  describe('the schedule of the purge', () => {
    const environment = { RAW_RETENTION_DAYS: '30' };
    const PURGED = '{tributary}:warehouse-purged';
    const keeper = () => new WarehouseKeeper(outbox, refused, loadConfig(environment), warehouse);
    const schedule = (by = keeper()) =>
      new PurgeSchedule(
        by,
        new TableLeases(redis),
        loadConfig(environment),
        redis,
        new PinoLogger({ pinoHttp: { level: 'silent' } }),
      );
    const writeOld = () => {
      const RECEIVED_AT = new Date(Date.now() - 40 * 86_400_000).toISOString();
      return warehouse.write('GONG_WEBHOOKS_RAW', [row('old', { RECEIVED_AT }).values, row('new').values]);
    };
    const ids = async () => {
      const rows = await warehouse.reading.query({
        sql: 'SELECT EVENT_ID FROM GONG_WEBHOOKS_RAW ORDER BY 1',
      });
      return rows.map(({ EVENT_ID }) => EVENT_ID);
    };
    const isPurged = async () => (await ids()).join() === 'new';

    it('purges at the start, once a day, whichever process does it', async () => {
      await writeOld();
      const [first, second] = [schedule(), schedule()];
      first.start();
      await waitFor('the purge', isPurged);
      await waitFor('the note of it', async () => (await redis.exists(PURGED)) === 1);
      expect(await redis.ttl(PURGED)).toBeGreaterThan(86_000);
      await writeOld();
      second.start();
      await Promise.all([first.stop(), second.stop()]);
      expect(await ids()).toEqual(['new', 'old']);
    });

    it('purges again when the day is over, without a restart', async () => {
      const running = schedule();
      running.start(20);
      await waitFor('the first purge', async () => (await redis.exists(PURGED)) === 1);
      await writeOld();
      await redis.del(PURGED);
      await waitFor('the second purge', isPurged);
      await running.stop();
    });

    it('tries again at the next look when a purge fails', async () => {
      await writeOld();
      let failures = 0;
      const failing = keeper();
      const running = schedule(
        Object.assign(failing, {
          purge: () => {
            failures += 1;
            if (failures < 3) return Promise.reject(new AppError('WAREHOUSE.UNAVAILABLE', 'away', 'backoff'));
            return keeper().purge();
          },
        }),
      );
      running.start(20);
      await waitFor('the purge', isPurged);
      await running.stop();
      expect(failures).toBe(3);
    });

    it('leaves a purge alone that another process is doing', async () => {
      await writeOld();
      await redis.set(leaseKey('purge'), 'of another process', 'PX', 60_000);
      const running = schedule();
      running.start(20);
      await running.stop();
      expect(await ids()).toEqual(['new', 'old']);
      expect(await redis.exists(PURGED)).toBe(0);
    });

    it('purges again when a day has passed, while the same process goes on', async () => {
      const environment = { RAW_RETENTION_DAYS: '30' };
      const old = { RECEIVED_AT: new Date(Date.now() - 40 * 86_400_000).toISOString() };
      jest.useFakeTimers({ doNotFake: EVERY_TIMER_BUT_INTERVALS });
      const schedule = new PurgeSchedule(
        new WarehouseKeeper(outbox, refused, loadConfig(environment), warehouse),
        new TableLeases(redis),
        loadConfig(environment),
        redis,
        new PinoLogger({ pinoHttp: { level: 'silent' } }),
      );
      const stored = () => warehouse.reading.query({ sql: 'SELECT EVENT_ID FROM GONG_WEBHOOKS_RAW' });
      const purged = () =>
        waitFor('the purge', async () => (await redis.exists('{tributary}:warehouse-purged')) === 1);
      try {
        schedule.start();
        await purged();
        await warehouse.write('GONG_WEBHOOKS_RAW', [row('old', old).values]);
        await jest.advanceTimersByTimeAsync(3_600_000);
        expect(await stored()).toEqual([{ EVENT_ID: 'old' }]);
        // What Redis does by itself when the day is over.
        await redis.del('{tributary}:warehouse-purged');
        await jest.advanceTimersByTimeAsync(600_000);
        await purged();
        expect(await stored()).toEqual([]);
      } finally {
        jest.useRealTimers();
        await schedule.stop();
      }
    });
  });
});

const EVERY_TIMER_BUT_INTERVALS: FakeableAPI[] = [
  'Date',
  'hrtime',
  'nextTick',
  'performance',
  'queueMicrotask',
  'setImmediate',
  'clearImmediate',
  'setTimeout',
  'clearTimeout',
];

/** What the port has of a warehouse, for a test to change one part of it. */
function portOf(warehouse: Warehouse): Warehouse {
  return {
    description: warehouse.description,
    status: warehouse.status,
    open: () => warehouse.open(),
    ping: () => warehouse.ping(),
    close: () => warehouse.close(),
    watchCircuit: (listener) => warehouse.watchCircuit(listener),
    write: (table, rows) => warehouse.write(table, rows),
  };
}
