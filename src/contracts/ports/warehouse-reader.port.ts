import type { BodyEncoding } from '../event.js';
import type { JsonObject } from '../json.js';
import type { ConversationKind, EventKind, Vendor } from '../vendor.js';

/** One accepted event, as its raw row describes it. Times are ISO 8601, UTC. */
export interface StoredEvent {
  readonly eventId: string;
  readonly vendor: Vendor;
  readonly kind: EventKind;
  /** The call, e-mail, meeting or record; null where the body names none. */
  readonly objectId: string | null;
  readonly channelId: string | null;
  readonly module: string | null;
  readonly operation: string | null;
  readonly correlationId: string | null;
  readonly signingKeyId: string | null;
  readonly receivedAt: string;
  readonly loadedAt: string;
}

/** One stage of one attempt. */
export interface StageRecord {
  readonly stage: string;
  readonly status: string;
  /** 1 for the first. */
  readonly attempt: number;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly durationMs: number;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly workerId: string | null;
  readonly details: JsonObject | null;
}

export interface EventFilter {
  readonly vendor?: Vendor;
  readonly kind?: EventKind;
  /** The vendor's id of the call, e-mail, meeting or record. */
  readonly entity?: string;
  /** Received at or after; ISO 8601. */
  readonly since?: string;
  /** Received before; ISO 8601. */
  readonly until?: string;
}

export interface EventPage {
  /** Newest first. */
  readonly events: readonly StoredEvent[];
  /** For the next, older page; null on the last one. */
  readonly nextCursor: string | null;
}

/** The body of an event as it was received, but for what verifies its sender. */
export interface RawPayload {
  readonly eventId: string;
  readonly body: string;
  readonly bodyEncoding: BodyEncoding;
  /** sha256 in hex of the bytes as received. */
  readonly sha256: string;
  readonly headers: JsonObject | null;
  /** The body was of a person who is forgotten; something else stands there. */
  readonly isErased: boolean;
}

/**
 * What people read of the warehouse. Rows appear here when the loader has written them, some seconds after
 * the event; what is in flight is known to the queue only.
 */
export interface WarehouseReader {
  /** One event with its stages in their order; undefined where there is none of this id. */
  event(
    eventId: string,
  ): Promise<{ readonly event: StoredEvent; readonly history: readonly StageRecord[] } | undefined>;
  /**
   * @param limit at most so many, 1 to 500.
   * @throws AppError `REQUEST.INVALID_CURSOR`
   */
  events(filter: EventFilter, limit: number, cursor?: string): Promise<EventPage>;
  rawPayload(eventId: string): Promise<RawPayload | undefined>;
  /** Those that are there, in no order. @param eventIds at most 500. */
  rawPayloads(eventIds: readonly string[]): Promise<readonly RawPayload[]>;
  /** The enhanced row of a conversation, by column name; JSON columns as JSON values. */
  enhancedRow(kind: ConversationKind, objectId: string): Promise<JsonObject | undefined>;
}

export const WarehouseReader = Symbol('WarehouseReader');
