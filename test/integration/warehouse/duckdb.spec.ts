import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
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
import { rawRow } from './warehouse-rows.js';

async function openHarness(): Promise<WarehouseHarness & { path: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-duckdb-test-'));
  const path = join(folder, 'warehouse.duckdb');
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

  it('opens a file of the first release, and adds what came since', async () => {
    await harness.warehouse.close();
    const instance = await DuckDBInstance.create(harness.path);
    const connection = await instance.connect();
    await connection.run("DELETE FROM SCHEMA_MIGRATIONS WHERE VERSION > '0001'");
    for (const { name } of MIGRATIONS[1]?.views ?? []) await connection.run(`DROP VIEW IF EXISTS ${name}`);
    connection.closeSync();
    instance.closeSync();
    await harness.warehouse.open();
    expect(await harness.query('SELECT EVENT_ID FROM WEBHOOK_EVENTS')).toEqual([]);
  });

  it('refuses a file whose schema was made by other statements', async () => {
    await harness.warehouse.close();
    const instance = await DuckDBInstance.create(harness.path);
    const connection = await instance.connect();
    await connection.run("UPDATE SCHEMA_MIGRATIONS SET CHECKSUM = 'other' WHERE VERSION = '0001'");
    connection.closeSync();
    instance.closeSync();
    await expect(harness.warehouse.open()).rejects.toMatchObject({ code: 'WAREHOUSE.SCHEMA_MISMATCH' });
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
