import type { Dialect } from '../dialect.js';
import type { Column, ColumnKind, Migration, TableDefinition } from '../migrations/migration.js';
import type { Table } from '../schema.js';

/** Lengths are given, because an unsized VARCHAR cannot be made smaller later; they cost nothing. */
const TYPES: Record<ColumnKind, string> = {
  id: 'VARCHAR(512)',
  text: 'VARCHAR(65536)',
  'long-text': 'VARCHAR(16777216)',
  json: 'VARIANT',
  integer: 'NUMBER(38,0)',
  float: 'FLOAT',
  boolean: 'BOOLEAN',
  instant: 'TIMESTAMP_TZ(3)',
};

/** Without a length: a text that is too long must be refused by its column, never cut. */
const CASTS: Record<Exclude<ColumnKind, 'json'>, string> = {
  id: 'VARCHAR',
  text: 'VARCHAR',
  'long-text': 'VARCHAR',
  integer: 'NUMBER(38,0)',
  float: 'FLOAT',
  boolean: 'BOOLEAN',
  instant: 'TIMESTAMP_TZ',
};

const at = (path: string) => (path.startsWith('[') ? path : `:${path}`);

/**
 * Snowflake's way of saying it, kept to the part of its SQL that other warehouses nearly share. No name is
 * qualified: the session knows its database and schema.
 */
export const SNOWFLAKE: Dialect = {
  name: 'snowflake',
  createMigrationsTable:
    'CREATE TABLE IF NOT EXISTS SCHEMA_MIGRATIONS (VERSION VARCHAR(64) NOT NULL, NAME VARCHAR(256) NOT NULL, ' +
    'CHECKSUM VARCHAR(64) NOT NULL, APPLIED_AT TIMESTAMP_TZ(3) NOT NULL, APPLIED_BY VARCHAR(256), ' +
    'PRIMARY KEY (VERSION) NOT ENFORCED)',
  migrationStatements: ({ tables, added = [], views, onlyFor }: Migration) => [
    ...tables.map((table) => createTable(table)),
    ...added.flatMap(({ table, columns }) =>
      columns.map(({ name, kind }) => `ALTER TABLE ${table} ADD COLUMN IF NOT EXISTS ${name} ${TYPES[kind]}`),
    ),
    ...(onlyFor?.snowflake ?? []),
    ...views.map(({ name, select }) => {
      const text = typeof select === 'string' ? select : select(SNOWFLAKE);
      // Without COPY GRANTS, replacing a view takes it away from everybody who may read it.
      return `CREATE OR REPLACE VIEW ${name} COPY GRANTS AS ${text}`;
    }),
  ],
  write: (table) => mergeStatement(table, 'FROM TABLE(FLATTEN(INPUT => PARSE_JSON(?))) AS f'),
  boundInstant: '?::TIMESTAMP_TZ',
  boundJson: 'PARSE_JSON(?)',
  matches: (text) => `REGEXP_INSTR(${text}, ?) > 0`,
  elements: (json, alias) => `LATERAL FLATTEN(INPUT => ${json}) AS ${alias}`,
  textAt: (json, path) => `${json}${at(path)}::VARCHAR`,
  numberAt: (json, path) => `${json}${at(path)}::FLOAT`,
  jsonAt: (json, path) => `${json}${at(path)}`,
};

/**
 * Keeps one part of a text that is too large for one bind; a part of an earlier attempt is made young again,
 * so that the purge of old parts cannot come in between. Binds: load id, number of the part, text.
 */
export const KEEP_PART =
  'MERGE INTO ROW_PARTS AS t USING (SELECT ? AS LOAD_ID, ? AS PART, ? AS TEXT) AS s ' +
  'ON t.LOAD_ID = s.LOAD_ID AND t.PART = s.PART WHEN MATCHED THEN UPDATE SET LOADED_AT = CURRENT_TIMESTAMP() ' +
  'WHEN NOT MATCHED THEN ' +
  'INSERT (LOAD_ID, PART, TEXT, LOADED_AT) VALUES (s.LOAD_ID, s.PART, s.TEXT, CURRENT_TIMESTAMP())';

/** Bind: load id. */
export const DROP_PARTS = 'DELETE FROM ROW_PARTS WHERE LOAD_ID = ?';

/** The same write as `SNOWFLAKE.write`, of the rows whose parts were kept. Bind: load id. */
export function writeFromParts(table: Table): string {
  return mergeStatement(
    table,
    "FROM (SELECT LISTAGG(TEXT, '') WITHIN GROUP (ORDER BY PART) AS WHOLE FROM ROW_PARTS WHERE LOAD_ID = ?) AS p, " +
      'LATERAL FLATTEN(INPUT => PARSE_JSON(p.WHOLE)) AS f',
  );
}

function createTable({ name, key, columns }: TableDefinition): string {
  const definitions = columns.map(
    (column) => `${column.name} ${TYPES[column.kind]}${column.required ? ' NOT NULL' : ''}`,
  );
  return `CREATE TABLE IF NOT EXISTS ${name} (${definitions.join(', ')}, PRIMARY KEY (${key}) NOT ENFORCED)`;
}

/**
 * Snowflake enforces no keys: without QUALIFY a key that comes twice in a batch would be inserted twice, or
 * stop the statement (100090).
 */
function mergeStatement({ name, key, columns, mode }: Table, from: string): string {
  const names = columns.map((column) => column.name);
  const cells = columns.map((column) => `${cell(column)} AS ${column.name}`);
  const newestFirst = mode === 'newest-wins' ? 'ROW_VERSION DESC, REVISION DESC' : key;
  const source =
    `SELECT * FROM (SELECT ${cells.join(', ')} ${from}) ` +
    `QUALIFY ROW_NUMBER() OVER (PARTITION BY ${key} ORDER BY ${newestFirst}) = 1`;
  const update = mode === 'newest-wins' ? `${whenNewer(key, names)} ` : '';
  const values = names.map((column) => `s.${column}`);
  return (
    `MERGE INTO ${name} AS t USING (${source}) AS s ON t.${key} = s.${key} ${update}` +
    `WHEN NOT MATCHED THEN INSERT (${names.join(', ')}) VALUES (${values.join(', ')})`
  );
}

function whenNewer(key: string, names: readonly string[]): string {
  const sets = names.filter((name) => name !== key).map((name) => `${name} = s.${name}`);
  return (
    'WHEN MATCHED AND (s.ROW_VERSION > t.ROW_VERSION OR (s.ROW_VERSION = t.ROW_VERSION AND s.REVISION > t.REVISION)) ' +
    `THEN UPDATE SET ${sets.join(', ')}`
  );
}

function cell({ name, kind, filledBy }: Column): string {
  if (filledBy === 'load-time') return 'CURRENT_TIMESTAMP()';
  // Authentic bytes that are not JSON still land: their text is in the other column.
  if (filledBy !== undefined) return `TRY_PARSE_JSON(f.value:${filledBy.parsing}::VARCHAR)`;
  if (kind === 'json') return `PARSE_JSON(f.value:${name}::VARCHAR)`;
  return `f.value:${name}::${CASTS[kind]}`;
}
