import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { PinoLogger } from 'nestjs-pino';
import { loadConfig } from '../../src/config/load-config.js';
import type { RowValues } from '../../src/contracts/tables.js';
import { DUCKDB } from '../../src/warehouse/duckdb/duckdb-sql.js';
import {
  DUCKDB_SETTINGS,
  DUCKDB_STATEMENTS,
  DuckDbWarehouse,
} from '../../src/warehouse/duckdb/duckdb.warehouse.js';
import { MIGRATIONS } from '../../src/warehouse/migrations/migrations.js';
import { tableNamed } from '../../src/warehouse/schema.js';
import { SNOWFLAKE } from '../../src/warehouse/snowflake/snowflake-sql.js';
import { SnowflakeWarehouse } from '../../src/warehouse/snowflake/snowflake.warehouse.js';
import type { SqlWarehouse } from '../../src/warehouse/sql-warehouse.js';
import { MACROS, translate } from '../simulators/snowflake/snowflake-sql.js';
import { migratorEnvironment, snowflakeEnvironment, startAccount } from '../support/snowflake-account.js';
import type { BenchOptions, BenchResult, Ratio } from './bench-result.js';

const TABLE = 'GONG_WEBHOOKS_RAW';
const ROUNDS = 9;
/** What the loader sends at once: 900 KB of rows of 5 KB. */
const BATCH_ROWS = 180;
const BATCHES_A_ROUND = 4;
const SINGLES_A_ROUND = 60;

/** Each a median of the rounds. */
interface WaysOfWriting {
  readonly rowsPerSecond: Readonly<Record<Way, number>>;
  /** Of the ratios within each round: figures drift with the machine, ratios much less. */
  readonly timesOneByOne: number;
  readonly shareOfRawEngine: number;
}

type Way = 'ours' | 'oneByOne' | 'rawEngine';

interface Contender {
  /** Writes these rows in the way that is measured. */
  write(rows: readonly RowValues[]): Promise<unknown>;
  readonly batchRows: number;
  readonly batches: number;
}

/**
 * Rows of 5 KB per second: the warehouse as the loader uses it, beside one statement per row, and beside the raw
 * engine's batched upsert (DuckDB: appender, temporary table, ON CONFLICT; the emulator's engine: the same MERGE
 * without driver and HTTP). Snowflake itself is not measured: the emulator shows what the driver's protocol costs.
 */
export async function run({ isQuick, say }: BenchOptions): Promise<BenchResult> {
  const rounds = isQuick ? 2 : ROUNDS;
  const folder = mkdtempSync(join(tmpdir(), 'tributary-bench-'));
  try {
    say(`DuckDB, ${rounds} rounds`);
    const duckdb = await benchDuckDb(folder, rounds);
    say(`snowflake-sdk and emulator, ${rounds} rounds`);
    const snowflake = await benchSnowflake(rounds);
    return {
      figures: { ...figures('DuckDB', duckdb), ...figures('driver + emulator', snowflake) },
      ratios: { ...ratios('DuckDB', duckdb), ...ratios('driver + emulator', snowflake) },
      notes: [
        `Rows of ${JSON.stringify(benchRow(0)).length} bytes, ${BATCH_ROWS} in a batch; ratios are medians of those within a round.`,
        'Snowflake itself is not measured.',
      ],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function figures(where: string, { rowsPerSecond }: WaysOfWriting): Record<string, Record<string, number>> {
  return {
    [`${where}: Tributary`]: { 'rows/s': rowsPerSecond.ours },
    [`${where}: one statement per row`]: { 'rows/s': rowsPerSecond.oneByOne },
    [`${where}: raw engine, batched upsert`]: { 'rows/s': rowsPerSecond.rawEngine },
  };
}

function ratios(where: string, { timesOneByOne, shareOfRawEngine }: WaysOfWriting): Record<string, Ratio> {
  return {
    [`${where}, Tributary : one statement per row`]: { value: timesOneByOne, target: { atLeast: 20 } },
    [`${where}, Tributary : raw engine`]: { value: shareOfRawEngine, target: { atLeast: 0.6 } },
  };
}

async function benchDuckDb(folder: string, rounds: number): Promise<WaysOfWriting> {
  const warehouse = new DuckDbWarehouse(join(folder, 'ours.duckdb'));
  await warehouse.open();
  const instance = await DuckDBInstance.create(join(folder, 'raw.duckdb'), DUCKDB_SETTINGS);
  const connection = await instance.connect();
  for (const statement of DUCKDB_STATEMENTS) await connection.run(statement);
  for (const statement of DUCKDB.migrationStatements(firstMigration())) await connection.run(statement);
  try {
    return await compare(
      {
        ours: batched((rows) => warehouse.write(TABLE, rows)),
        oneByOne: single(([row]) => insertOne(connection, row ?? {})),
        rawEngine: batched((rows) => appendAndUpsert(connection, rows)),
      },
      rounds,
    );
  } finally {
    connection.closeSync();
    instance.closeSync();
    await warehouse.close();
  }
}

async function benchSnowflake(rounds: number): Promise<WaysOfWriting> {
  const logger = new PinoLogger({ pinoHttp: { level: 'silent' } });
  const emulator = await startAccount();
  const on = (environment: Record<string, string>) => new SnowflakeWarehouse(loadConfig(environment), logger);
  const owner = on(migratorEnvironment(emulator));
  await owner.migrate();
  await owner.close();
  const warehouse: SqlWarehouse = on(snowflakeEnvironment(emulator));
  await warehouse.open();
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const connection = await instance.connect();
  for (const macro of MACROS) await connection.run(macro);
  for (const statement of SNOWFLAKE.migrationStatements(firstMigration())) {
    await connection.run(translate(statement).sql);
  }
  const merge = translate(SNOWFLAKE.write(tableNamed(TABLE))).sql;
  try {
    return await compare(
      {
        ours: batched((rows) => warehouse.write(TABLE, rows)),
        oneByOne: single((rows) => warehouse.write(TABLE, rows)),
        rawEngine: batched((rows) => connection.run(merge, [JSON.stringify(rows)])),
      },
      rounds,
    );
  } finally {
    connection.closeSync();
    instance.closeSync();
    await warehouse.close();
    await emulator.stop();
  }
}

function firstMigration(): (typeof MIGRATIONS)[number] {
  const [first] = MIGRATIONS;
  if (first === undefined) throw new Error('there is no migration');
  return first;
}

const batched = (write: Contender['write']): Contender => ({
  write,
  batchRows: BATCH_ROWS,
  batches: BATCHES_A_ROUND,
});
const single = (write: Contender['write']): Contender => ({ write, batchRows: 1, batches: SINGLES_A_ROUND });

/** The ways in turn, in each round another one first; the first round warms up and does not count. */
async function compare(ways: Record<Way, Contender>, rounds: number): Promise<WaysOfWriting> {
  const measured: Record<Way, number>[] = [];
  const names = Object.keys(ways) as Way[];
  for (let round = 0; round <= rounds; round += 1) {
    const speeds = { ours: 0, oneByOne: 0, rawEngine: 0 };
    for (let turn = 0; turn < names.length; turn += 1) {
      const name = names[(round + turn) % names.length] ?? 'ours';
      speeds[name] = await rowsPerSecond(ways[name]);
    }
    if (round > 0) measured.push(speeds);
  }
  const of = (way: Way) => median(measured.map((speeds) => speeds[way]));
  return {
    rowsPerSecond: { ours: of('ours'), oneByOne: of('oneByOne'), rawEngine: of('rawEngine') },
    timesOneByOne: median(measured.map(({ ours, oneByOne }) => ours / oneByOne)),
    shareOfRawEngine: median(measured.map(({ ours, rawEngine }) => ours / rawEngine)),
  };
}

let nextRow = 0;

async function rowsPerSecond({ write, batchRows, batches }: Contender): Promise<number> {
  const work = Array.from({ length: batches }, () => {
    return Array.from({ length: batchRows }, () => benchRow((nextRow += 1)));
  });
  const startedAt = performance.now();
  for (const rows of work) await write(rows);
  return (batches * batchRows * 1000) / (performance.now() - startedAt);
}

/** A raw row of about 5 KB, whose text repeats as little as a transcript's does. */
function benchRow(index: number): RowValues {
  const words: string[] = [];
  for (let part = 0; part < 60; part += 1) {
    words.push(createHash('sha256').update(`${index}/${part}`).digest('base64'));
  }
  const body = JSON.stringify({ callData: { metaData: { id: String(index) }, text: words.join(' ') } });
  return {
    EVENT_ID: createHash('sha256').update(String(index)).digest('hex'),
    TENANT: 'main',
    SOURCE: 'gong',
    EVENT_TYPE: 'call',
    OBJECT_ID: String(index),
    BODY: `${body}${' '.repeat(Math.max(0, 4_500 - body.length))}`,
    BODY_ENCODING: 'utf8',
    PAYLOAD_SHA256: 'ab'.repeat(32),
    HEADERS: '{"user-agent":"bench"}',
    SIGNING_KEY_ID: 'key',
    REQUEST_ID: 'correlation',
    RECEIVED_AT: '2026-03-04T15:02:41.318Z',
  };
}

const WRITTEN = tableNamed(TABLE).written.map(({ name }) => name);
const VALUES = tableNamed(TABLE)
  .columns.map(({ name, filledBy }) => {
    if (filledBy === 'load-time') return 'now()';
    return filledBy === undefined ? name : `TRY_CAST(${filledBy.parsing} AS JSON)`;
  })
  .join(', ');
const COLUMNS = tableNamed(TABLE)
  .columns.map(({ name }) => name)
  .join(', ');

function insertOne(connection: DuckDBConnection, row: RowValues): Promise<unknown> {
  const cells = WRITTEN.map((name) => `? AS ${name}`).join(', ');
  return connection.run(
    `INSERT INTO ${TABLE} (${COLUMNS}) SELECT ${VALUES} FROM (SELECT ${cells}) ON CONFLICT DO NOTHING`,
    WRITTEN.map((name) => row[name] ?? null),
  );
}

async function appendAndUpsert(connection: DuckDBConnection, rows: readonly RowValues[]): Promise<void> {
  const columns = WRITTEN.map((name) => `${name} VARCHAR`).join(', ');
  await connection.run(`CREATE OR REPLACE TEMP TABLE incoming (${columns})`);
  const appender = await connection.createAppender('incoming');
  for (const row of rows) {
    for (const name of WRITTEN) {
      const cell = row[name] ?? null;
      if (cell === null) appender.appendNull();
      else appender.appendVarchar(String(cell));
    }
    appender.endRow();
  }
  appender.closeSync();
  await connection.run(
    `INSERT INTO ${TABLE} (${COLUMNS}) SELECT ${VALUES} FROM incoming ` +
      'QUALIFY row_number() OVER (PARTITION BY EVENT_ID ORDER BY 1) = 1 ON CONFLICT DO NOTHING',
  );
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
