import { FIRST_TABLES } from './0001-first-tables.js';
import type { Migration } from './migration.js';

/** All steps of the schema, in order. */
export const MIGRATIONS: readonly Migration[] = [FIRST_TABLES];
