import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { DUCKDB } from '../../../src/warehouse/duckdb/duckdb-sql.js';
import { DuckDbWarehouse } from '../../../src/warehouse/duckdb/duckdb.warehouse.js';
import { MIGRATIONS } from '../../../src/warehouse/migrations/migrations.js';
import { checksumOf } from '../../../src/warehouse/schema-keeper.js';
import { TABLES } from '../../../src/warehouse/schema.js';
import { queryWarehouse } from '../../support/warehouse-file.js';
import { describeWarehouse, type WarehouseHarness } from './warehouse-conformance.js';
import { callRow, historyRow, rawRow } from './warehouse-rows.js';

/** An empty warehouse with its schema, which every test has a copy of: making it takes longer than most tests take. */
let emptyWarehouse: string;
let templates: string;
beforeAll(async () => {
  templates = mkdtempSync(join(tmpdir(), 'tributary-duckdb-template-'));
  emptyWarehouse = join(templates, 'warehouse.duckdb');
  const warehouse = new DuckDbWarehouse(emptyWarehouse);
  await warehouse.open();
  await warehouse.close();
});
afterAll(() => rmSync(templates, { recursive: true, force: true }));

async function openHarness(): Promise<WarehouseHarness & { path: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-duckdb-test-'));
  const path = join(folder, 'warehouse.duckdb');
  copyFileSync(emptyWarehouse, path);
  const warehouse = new DuckDbWarehouse(path);
  await warehouse.open();
  return {
    path,
    warehouse,
    query: async (sql) => {
      await warehouse.close();
      const rows = await queryWarehouse(path, sql);
      await warehouse.open();
      return rows;
    },
    dispose: async () => {
      await warehouse.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

describeWarehouse('DuckDB', openHarness);

describe('DuckDbWarehouse', () => {
  let harness: Awaited<ReturnType<typeof openHarness>>;
  beforeEach(async () => {
    harness = await openHarness();
  });
  afterEach(() => harness.dispose());

  it('has the columns of the definition, and the migration with its checksum', async () => {
    const columns = await harness.query(
      'SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal ORDER BY column_index',
    );
    for (const [name, { columns: defined }] of TABLES) {
      const actual = columns
        .filter((column) => column.table_name === name)
        .map((column) => column.column_name);
      expect(actual).toEqual(defined.map((column) => column.name));
    }
    const migrations = await harness.query('SELECT VERSION, CHECKSUM FROM SCHEMA_MIGRATIONS ORDER BY 1');
    expect(migrations).toEqual(
      MIGRATIONS.map((migration) => {
        return { VERSION: migration.version, CHECKSUM: checksumOf(migration, DUCKDB) };
      }),
    );
  });

  describe('a file that another hand has had', () => {
    /** Runs statements on the closed file. */
    async function altered(...statements: string[]): Promise<void> {
      await harness.warehouse.close();
      const instance = await DuckDBInstance.create(harness.path);
      const connection = await instance.connect();
      for (const statement of statements) await connection.run(statement);
      connection.closeSync();
      instance.closeSync();
    }

    it('of the first release gets what came since, and keeps its rows and their keys', async () => {
      await harness.warehouse.close();
      rmSync(harness.path);
      const [first] = MIGRATIONS;
      if (first === undefined) throw new Error('there is no migration');
      await altered(
        DUCKDB.createMigrationsTable,
        ...DUCKDB.migrationStatements(first),
        `INSERT INTO SCHEMA_MIGRATIONS (VERSION, NAME, CHECKSUM) VALUES ('0001', '', '${checksumOf(first, DUCKDB)}')`,
        'INSERT INTO GONG_WEBHOOKS_RAW (EVENT_ID, TENANT, SOURCE, EVENT_TYPE, BODY, BODY_ENCODING, PAYLOAD_SHA256, ' +
          "RECEIVED_AT) VALUES ('old', 'main', 'gong', 'call', '{}', 'utf8', 'ab', now())",
      );
      await harness.warehouse.open();
      expect(await harness.warehouse.write('GONG_WEBHOOKS_RAW', [rawRow('old'), rawRow('new')])).toBe(1);
      const events = await harness.query('SELECT EVENT_ID FROM WEBHOOK_EVENTS ORDER BY 1');
      expect(events).toEqual([{ EVENT_ID: 'new' }, { EVENT_ID: 'old' }]);
      expect(
        await harness.query("SELECT * FROM duckdb_constraints() WHERE constraint_type = 'PRIMARY KEY'"),
      ).toMatchObject([{ table_name: 'SCHEMA_MIGRATIONS' }]);
    });

    it.each([
      [
        'whose schema was made by other statements',
        "UPDATE SCHEMA_MIGRATIONS SET CHECKSUM = 'other' WHERE VERSION = '0001'",
        'start the release that made the schema',
      ],
      [
        'from which a column was taken',
        'ALTER TABLE GONG_CALLS_ENHANCED DROP COLUMN SENTIMENT',
        'GONG_CALLS_ENHANCED.SENTIMENT',
      ],
      ['from which a table was taken', 'DROP TABLE ZOHO_EVENTS_RAW', 'ZOHO_EVENTS_RAW.BODY'],
    ])('%s is refused, saying what mends it', async (_what, statement, advice) => {
      await altered(statement);
      await expect(harness.warehouse.open()).rejects.toMatchObject({
        code: 'WAREHOUSE.SCHEMA_MISMATCH',
        message: expect.stringContaining(advice) as string,
      });
    });

    it('may be newer, and may have columns of its own', async () => {
      await altered(
        "INSERT INTO SCHEMA_MIGRATIONS (VERSION, NAME, CHECKSUM) VALUES ('9999', 'later', 'x')",
        'ALTER TABLE GONG_WEBHOOKS_RAW ADD COLUMN NOTE VARCHAR',
      );
      await harness.warehouse.open();
      expect(await harness.warehouse.write('GONG_WEBHOOKS_RAW', [rawRow('one')])).toBe(1);
    });
  });

  it('knows after a restart which keys it has, and updates under them', async () => {
    const { warehouse } = harness;
    await warehouse.write('GONG_WEBHOOKS_RAW', [rawRow('one')]);
    await warehouse.write('GONG_CALLS_ENHANCED', [callRow('c', 1, 0, { TITLE: 'first' })]);
    await warehouse.close();
    await warehouse.open();
    expect(await warehouse.write('GONG_WEBHOOKS_RAW', [rawRow('one'), rawRow('two')])).toBe(1);
    expect(await warehouse.write('GONG_CALLS_ENHANCED', [callRow('c', 2, 0, { TITLE: 'second' })])).toBe(1);
    expect(await warehouse.write('GONG_CALLS_ENHANCED', [callRow('c', 1, 9, { TITLE: 'late' })])).toBe(0);
    expect(await harness.query('SELECT TITLE FROM GONG_CALLS_ENHANCED')).toEqual([{ TITLE: 'second' }]);
  });

  it('tells rows that came while memory is short to come again, and refuses only those that never fit', async () => {
    const { warehouse } = harness;
    // What the migrations left in memory cannot be freed at once, and a limit below that is refused.
    await warehouse.close();
    await warehouse.open();
    await warehouse.upkeep.execute({ sql: "SET memory_limit = '1MB'" });
    await expect(warehouse.write('GONG_WEBHOOKS_RAW', [rawRow('small')])).rejects.toMatchObject({
      code: 'WAREHOUSE.UNAVAILABLE',
      retry: 'backoff',
    });
    const huge = rawRow('huge', { BODY: 'x'.repeat(17_000_000) });
    await expect(warehouse.write('GONG_WEBHOOKS_RAW', [huge])).rejects.toMatchObject({
      code: 'WAREHOUSE.ROW_REFUSED',
    });
    await warehouse.upkeep.execute({ sql: "SET memory_limit = '512MB'" });
    expect(await warehouse.write('GONG_WEBHOOKS_RAW', [rawRow('small')])).toBe(1);
  });

  it('keeps keys apart while it still reads those of a large table, and closes in the middle of that', async () => {
    const { warehouse } = harness;
    await warehouse.upkeep.execute({
      sql: `INSERT INTO WEBHOOK_PROCESSING_HISTORY (HISTORY_ID, TENANT, EVENT_ID, SOURCE, EVENT_TYPE, STAGE, STATUS, ATTEMPT,
        OCCURRED_AT, LOADED_AT) SELECT 'e-' || i, 'main', 'e', 'gong', 'call', 'land', 'completed', 1, now(), now()
        FROM range(300000) AS r(i)`,
    });
    const row = (id: number) => historyRow('e', String(id));
    for (const known of [1, 299_999]) {
      await warehouse.close();
      await warehouse.open();
      expect(await warehouse.write('WEBHOOK_PROCESSING_HISTORY', [row(known), row(300_000 + known)])).toBe(1);
      expect(await warehouse.write('WEBHOOK_PROCESSING_HISTORY', [row(300_000 + known)])).toBe(0);
    }
    const count = 'SELECT COUNT(*) AS N, COUNT(DISTINCT HISTORY_ID) AS KEYS FROM WEBHOOK_PROCESSING_HISTORY';
    expect(await harness.query(count)).toEqual([{ N: '300002', KEYS: '300002' }]);
  });

  it('closes with reads and writes in flight, and every one of them ends well', async () => {
    const { warehouse } = harness;
    const writing = Array.from({ length: 5 }, (_item, index) => {
      return warehouse.write('GONG_WEBHOOKS_RAW', [rawRow(`e${index}`)]);
    });
    const reading = Array.from({ length: 5 }, () => {
      return warehouse.reading.query({ sql: 'SELECT COUNT(*) AS N FROM range(3000000)' });
    });
    await warehouse.close();
    expect(await Promise.all(writing)).toEqual([1, 1, 1, 1, 1]);
    expect((await Promise.all(reading)).length).toBe(5);
    await warehouse.open();
  });

  describe('its owner file', () => {
    const owner = () => `${harness.path}.owner`;

    it('names this process while the file is open, and goes with it', async () => {
      expect(JSON.parse(readFileSync(owner(), 'utf8'))).toEqual({ pid: process.pid, host: hostname() });
      await harness.warehouse.close();
      expect(existsSync(owner())).toBe(false);
    });

    it.each([
      ['a living process of this host', { pid: process.ppid, host: hostname() }, 0, 'WAREHOUSE.IN_USE'],
      ['a process of another host', { pid: 1, host: 'elsewhere' }, 0, 'WAREHOUSE.IN_USE'],
      ['a dead process of this host', { pid: 2 ** 22 + 1, host: hostname() }, 0, undefined],
      ['an earlier process with our own pid', { pid: process.pid, host: hostname() }, 0, undefined],
      ['another host that has been silent', { pid: 1, host: 'elsewhere' }, 60_000, undefined],
    ])('of %s decides', async (_whose, content, silentMs, code) => {
      await harness.warehouse.close();
      writeFileSync(owner(), JSON.stringify(content));
      const lastSeen = new Date(Date.now() - silentMs);
      utimesSync(owner(), lastSeen, lastSeen);
      const opening = harness.warehouse.open();
      if (code === undefined) await expect(opening).resolves.toBeUndefined();
      else await expect(opening).rejects.toMatchObject({ code });
    });
  });

  it('refuses a second opening in this process, which would corrupt the file', async () => {
    await expect(new DuckDbWarehouse(harness.path).open()).rejects.toMatchObject({
      code: 'WAREHOUSE.IN_USE',
    });
  });

  it('refuses a file that another process has open', async () => {
    await harness.warehouse.close();
    const script =
      "require('@duckdb/node-api').DuckDBInstance.create(process.argv[1]).then(() => { console.log('open'); setInterval(() => {}, 1000); })";
    const other = spawn(process.execPath, ['-e', script, harness.path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      await once(other.stdout, 'data');
      await expect(harness.warehouse.open()).rejects.toMatchObject({ code: 'WAREHOUSE.IN_USE' });
    } finally {
      other.kill('SIGKILL');
      await once(other, 'exit');
      await harness.warehouse.open();
    }
  });
});
