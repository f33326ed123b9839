import type { TableName } from '../tables.js';
import type { StageRecord, StoredEvent } from './warehouse-reader.port.js';

/** An event whose raw row the warehouse has not yet. */
export type ArrivingEvent = Omit<StoredEvent, 'loadedAt'>;

/** What is on its way to the warehouse of one event. */
export interface ArrivingRows {
  /** Null where the raw row has arrived, or is not written yet. */
  readonly event: ArrivingEvent | null;
  readonly history: readonly StageRecord[];
  /** How many rows wait for each table. */
  readonly rows: Partial<Record<TableName, number>>;
}

/** Looks into the outbox: what the stages have done and the warehouse does not show yet. */
export interface ArrivingRowsReader {
  /** Looks at the newest thousands of rows of each table; after a long outage older ones are not seen. */
  ofEvent(eventId: string): Promise<ArrivingRows>;
  /** The newest raw rows, in no order. */
  newestEvents(limit: number): Promise<readonly ArrivingEvent[]>;
}

export const ArrivingRowsReader = Symbol('ArrivingRowsReader');
