/** The warehouse's tables; their columns are in src/warehouse/migrations. */
export type TableName =
  | 'GONG_WEBHOOKS_RAW'
  | 'GONG_CALLS_ENHANCED'
  | 'GONG_EMAILS_ENHANCED'
  | 'GONG_MEETINGS_ENHANCED'
  | 'WEBHOOK_PROCESSING_HISTORY'
  | 'ZOHO_EVENTS_RAW'
  | 'ZOHO_ACCOUNT_SNAPSHOTS';

/** A cell on its way to the warehouse. A JSON column takes JSON text, so that numbers keep their digits. */
export type CellValue = string | number | boolean | null;

export type RowValues = Readonly<Record<string, CellValue>>;

export interface TableRow {
  readonly table: TableName;
  readonly values: RowValues;
}

/** How many rows of each table were changed. */
export type RowCounts = Partial<Record<TableName, number>>;
