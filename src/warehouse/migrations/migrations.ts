import { FIRST_TABLES } from './0001-first-tables.js';
import { VIEWS_FOR_PEOPLE } from './0002-views-for-people.js';
import { KEYS_WITHOUT_INDEX } from './0003-keys-without-index.js';
import { ACCOUNT_INSIGHTS } from './0004-account-insights.js';
import { SIGNALS_ONCE } from './0005-signals-once.js';
import type { Migration } from './migration.js';

/** All steps of the schema, in order. */
export const MIGRATIONS: readonly Migration[] = [
  FIRST_TABLES,
  VIEWS_FOR_PEOPLE,
  KEYS_WITHOUT_INDEX,
  ACCOUNT_INSIGHTS,
  SIGNALS_ONCE,
];
