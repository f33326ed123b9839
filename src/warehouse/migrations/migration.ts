import type { TableName } from '../../contracts/tables.js';

/**
 * What a column holds. `id` and `text` are text, `long-text` text without a practical limit, `json` JSON
 * text, `instant` a time with its zone. Each dialect renders them its own way.
 */
export type ColumnKind = 'id' | 'text' | 'long-text' | 'json' | 'integer' | 'float' | 'boolean' | 'instant';

export interface Column {
  readonly name: string;
  readonly kind: ColumnKind;
  readonly required?: boolean;
  /** Set by the warehouse: the time of loading, or the JSON form of another column's text where it is JSON. */
  readonly filledBy?: 'load-time' | { readonly parsing: string };
}

export interface TableDefinition {
  readonly name: TableName;
  readonly key: string;
  readonly columns: readonly Column[];
}

/** Columns that a table gets later; never required, because its rows so far lack them. */
export interface AddedColumns {
  readonly table: TableName;
  readonly columns: readonly Column[];
}

/** What the warehouses say differently in the SELECT of a view. Paths are like `evidence[0].quote`. */
export interface ViewSql {
  /** One row for each element of a JSON array, to follow `FROM table` after a comma; `<alias>.value` is the element. */
  readonly elements: (json: string, alias: string) => string;
  readonly textAt: (json: string, path: string) => string;
  readonly numberAt: (json: string, path: string) => string;
  readonly jsonAt: (json: string, path: string) => string;
}

export interface ViewDefinition {
  readonly name: string;
  readonly select: string | ((sql: ViewSql) => string);
}

/**
 * A numbered step of the schema. Once released it never changes: its checksum is stored. A step in which a warehouse
 * has nothing to do is no step there.
 */
export interface Migration {
  readonly version: string;
  readonly name: string;
  readonly tables: readonly TableDefinition[];
  /** Tables that lose the index of their key, where the warehouse has made one. */
  readonly withoutIndex?: readonly TableDefinition[];
  readonly added?: readonly AddedColumns[];
  readonly views: readonly ViewDefinition[];
  /** Statements that one warehouse alone needs. */
  readonly onlyFor?: { readonly snowflake: readonly string[] };
}
