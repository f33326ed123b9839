import type { TableName } from '../contracts/tables.js';
import type { Column, TableDefinition } from './migrations/migration.js';
import { MIGRATIONS } from './migrations/migrations.js';

/** How a table takes rows: inserted once per key, or replaced by a newer (ROW_VERSION, REVISION). */
export type WriteMode = 'insert-only' | 'newest-wins';

export interface Table extends TableDefinition {
  readonly mode: WriteMode;
  /** Columns that a row of ours brings; the others are filled by the warehouse. */
  readonly written: readonly Column[];
}

/** The tables as the migrations leave them: their one definition, from which both DDL and DML are made. */
export const TABLES: ReadonlyMap<TableName, Table> = new Map(
  MIGRATIONS.flatMap(({ tables }) => tables).map((definition) => [
    definition.name,
    completed(withAdded(definition)),
  ]),
);

function withAdded(definition: TableDefinition): TableDefinition {
  const later = MIGRATIONS.flatMap(({ added = [] }) => added)
    .filter(({ table }) => table === definition.name)
    .flatMap(({ columns }) => columns);
  return { ...definition, columns: [...definition.columns, ...later] };
}

/** @throws for a table that no migration makes. */
export function tableNamed(name: TableName): Table {
  const table = TABLES.get(name);
  if (table === undefined) throw new Error(`no migration makes table ${name}`);
  return table;
}

function completed(definition: TableDefinition): Table {
  const isVersioned = definition.columns.some(({ name }) => name === 'REVISION');
  return {
    ...definition,
    mode: isVersioned ? 'newest-wins' : 'insert-only',
    written: definition.columns.filter(({ filledBy }) => filledBy === undefined),
  };
}
