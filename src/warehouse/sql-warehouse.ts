import type { Warehouse } from '../contracts/ports/warehouse.port.js';
import type { AppliedMigration } from './schema-keeper.js';
import type { SqlDatabase } from './sql-database.js';

/** A warehouse with what the rest of this folder needs of it beside the port. */
export interface SqlWarehouse extends Warehouse {
  /** For reading; never waits behind a write. */
  readonly reading: SqlDatabase;
  /** For what deletes and blanks, under a role of its own where there are roles. */
  readonly upkeep: SqlDatabase;
  /** Brings the schema up to date, without `open`; to be closed afterwards. */
  migrate(): Promise<AppliedMigration[]>;
}

export const SqlWarehouse = Symbol('SqlWarehouse');
