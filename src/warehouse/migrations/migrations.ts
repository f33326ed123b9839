import { FIRST_TABLES } from './0001-first-tables.js';
import { VIEWS_FOR_PEOPLE } from './0002-views-for-people.js';
import { ACCOUNT_INSIGHTS } from './0003-account-insights.js';
import type { Migration } from './migration.js';

/** All steps of the schema, in order. */
export const MIGRATIONS: readonly Migration[] = [FIRST_TABLES, VIEWS_FOR_PEOPLE, ACCOUNT_INSIGHTS];
