import { DUCKDB } from '../duckdb/duckdb-sql.js';
import { checksumOf, isNeeded } from '../schema-keeper.js';
import { SNOWFLAKE } from '../snowflake/snowflake-sql.js';
import { MIGRATIONS } from './migrations.js';

/**
 * What somebody's SCHEMA_MIGRATIONS may hold: a warehouse whose migration has another checksum is refused at start.
 * A new migration adds a line for each warehouse in which it does something; a line never changes.
 */
const APPLIED: Record<'duckdb' | 'snowflake', Readonly<Record<string, string>>> = {
  duckdb: {
    '0001': '8f7e741904248dcee89164a9119a2940126d18e54d76bc5bddb4e6168bd753b4',
    '0002': 'bea5b542e6fa1319b6ad040f66ce3ce782e0350c421f12e568dc95e32c802ddf',
    '0003': '5e19d0b88446f999909cea07874206c7dfd9216d64cc69860971e84fef31866c',
    '0004': 'd303c649e0a9361eedc4e6954c7735ca91963a127c8f3ef64b06ee63d93ea31d',
    '0005': '6886e86041f3d87aa306a207c84bbb6175ef38155596ff2f81803dd6b20ca17d',
  },
  snowflake: {
    '0001': 'd70e548424f883c7ee65f2d6c4c1607f200b47070162e98decb220eb313a822f',
    '0002': 'da1a1d418f60b156f3359adfe3a83809f41e79c9ee33baebec6c4dd51b96dd18',
    '0004': 'b889d8eff6568e5bee69b70387e1b3692d1f3d1e10cb32dae63f6ccf665d945e',
    '0005': '7e284dc475fdaee17e3b41f2db25fa7f6c4d61138f5ea942e638fecb5fc3f6ff',
  },
};

const DIALECTS = [DUCKDB, SNOWFLAKE];

function problemOf(version: string, pinned: string | undefined, rendered: string): string[] {
  if (pinned === rendered) return [];
  if (pinned === undefined) {
    return [`migration ${version} is not pinned; add its line: '${version}': '${rendered}'`];
  }
  return [
    `migration ${version} renders other statements than those that warehouses have applied. Undo the change (also in the ` +
      `dialect that renders it), and make the change in a new migration`,
  ];
}

describe('the migrations', () => {
  it('are numbered without a gap', () => {
    expect(MIGRATIONS.map(({ version }) => version)).toEqual(
      MIGRATIONS.map((_migration, index) => String(index + 1).padStart(4, '0')),
    );
  });

  it.each(DIALECTS)('render as they did when they were applied: $name', (dialect) => {
    const problems = MIGRATIONS.filter((migration) => isNeeded(migration, dialect)).flatMap((migration) =>
      problemOf(migration.version, APPLIED[dialect.name][migration.version], checksumOf(migration, dialect)),
    );
    expect(problems).toEqual([]);
  });

  it.each(DIALECTS)('were not taken away once applied: $name', (dialect) => {
    const needed = MIGRATIONS.filter((migration) => isNeeded(migration, dialect));
    expect(Object.keys(APPLIED[dialect.name])).toEqual(needed.map(({ version }) => version));
  });
});
