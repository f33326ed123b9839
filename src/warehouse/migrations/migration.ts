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

/** A numbered step of the schema. Once released it never changes: its checksum is stored. */
export interface Migration {
  readonly version: string;
  readonly name: string;
  readonly tables: readonly TableDefinition[];
  readonly views: readonly { readonly name: string; readonly select: string }[];
}
