import { DUCKDB } from '../duckdb/duckdb-sql.js';
import { checksumOf } from '../schema-keeper.js';
import { SNOWFLAKE } from '../snowflake/snowflake-sql.js';
import { MIGRATIONS } from './migrations.js';

/**
 * What has been released stands in somebody's SCHEMA_MIGRATIONS: a warehouse whose migration has another
 * checksum is refused at start. A new migration adds a line here; a line never changes.
 */
const RELEASED = {
  duckdb: {
    '0001': '8f7e741904248dcee89164a9119a2940126d18e54d76bc5bddb4e6168bd753b4',
  },
  snowflake: {},
};

describe('the migrations', () => {
  it('are numbered without a gap', () => {
    expect(MIGRATIONS.map(({ version }) => version)).toEqual(
      MIGRATIONS.map((_migration, index) => String(index + 1).padStart(4, '0')),
    );
  });

  it.each([DUCKDB, SNOWFLAKE])('that were released render as they did: $name', (dialect) => {
    const checksums = Object.fromEntries(
      MIGRATIONS.map((migration) => [migration.version, checksumOf(migration, dialect)]),
    );
    expect(checksums).toMatchObject(RELEASED[dialect.name]);
  });
});
