import { FIRST_TABLES } from './0001-first-tables.js';
import type { Migration } from './migration.js';

/** DuckDB's index of keys must fit into memory, and a warehouse does not: see docs/decisions/0021. */
export const KEYS_WITHOUT_INDEX: Migration = {
  version: '0003',
  name: 'keys-without-index',
  tables: [],
  withoutIndex: FIRST_TABLES.tables,
  views: [],
};
