import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDbWarehouse } from '../../../src/warehouse/duckdb/duckdb.warehouse.js';
import { TABLES } from '../../../src/warehouse/schema.js';
import { queryWarehouse } from '../../support/warehouse-file.js';
import { describeWarehouse, type WarehouseHarness } from './warehouse-conformance.js';

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
    const migrations = await harness.query('SELECT VERSION, CHECKSUM FROM SCHEMA_MIGRATIONS');
    expect(migrations).toEqual([
      { VERSION: '0001', CHECKSUM: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
    ]);
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
