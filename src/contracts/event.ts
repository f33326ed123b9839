import { hash } from 'node:crypto';
import type { EventKind, Vendor } from './vendor.js';

/** How `VendorEvent.body` carries the bytes: as text where they are valid UTF-8 without NUL, else base64. */
export type BodyEncoding = 'utf8' | 'base64';

/**
 * One authentic vendor event as the queue carries it from the front door to the last stage.
 * Everything in it survives JSON. `schemaVersion` grows when a field changes its meaning, so that a
 * worker never misreads a job that an older or newer release queued.
 */
export interface VendorEvent {
  readonly schemaVersion: 1;
  /** sha256 in hex of the vendor's identity of the thing and its body: the key of the raw table. */
  readonly eventId: string;
  /** Identity of the change, whatever delivered it (`call:<id>`); null where the body names none. */
  readonly changeId: string | null;
  readonly vendor: Vendor;
  readonly kind: EventKind;
  /** The vendor's id of the object; a string, because 20-digit ids do not fit a number. */
  readonly objectId: string | null;
  readonly body: string;
  /** Absent where it is `utf8`: Redis holds every byte of a waiting event. */
  readonly bodyEncoding?: BodyEncoding;
  /** sha256 in hex of the bytes as received; absent where `body` is these bytes, of which it can be made again. */
  readonly bodySha256?: string;
  /** The headers worth keeping; whatever verifies the sender is `[redacted]`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly signingKeyId: string;
  readonly correlationId: string;
  readonly urgency?: 'routine';
  readonly traceparent?: string;
  /** It was about a person who is forgotten: its body is gone, and all that is left to do is its raw row. */
  readonly isErased?: true;
  /** Set when an operator had it run again. */
  readonly replay?: EventReplay;
  /** ISO 8601, UTC. */
  readonly receivedAt: string;
}

/** Why an event runs again. */
export interface EventReplay {
  /** The dead letter or the archived event that it repeats. */
  readonly of: string;
  /** Name of the token that asked for it. */
  readonly by: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Id of the replay from the archive that it is part of; a replayed dead letter has none. */
  readonly id?: string;
  /** `enrich`: its raw row is there already. */
  readonly from?: 'land' | 'enrich';
  /** Agents are told again what they were told before. */
  readonly notify?: boolean;
}

/** An event to be admitted, before the front door adds what it alone knows (bytes, correlation, time). */
export interface IncomingEvent {
  /** The vendor's identity of the thing and its content, e.g. `gong-call-<id>-<sha256 of the body>`. */
  readonly identity: string;
  readonly changeId: string | null;
  readonly objectId: string | null;
  /** What to store instead of the body as received, where that holds what verifies the sender. */
  readonly storedBody?: Buffer;
  /** What the counts call it, e.g. a CRM module; of a small set. */
  readonly module?: string;
  /** `routine` lets others pass; without it the event is taken in the order of its arrival. */
  readonly urgency?: 'routine';
}

/** The bytes of an event's body, as they were received. */
export function bodyBytes(event: Pick<VendorEvent, 'body' | 'bodyEncoding'>): Buffer {
  return Buffer.from(event.body, event.bodyEncoding);
}

/** sha256 in hex of the bytes as received, which may hold what is not kept in the body. */
export function bodySha256Of(event: Pick<VendorEvent, 'body' | 'bodyEncoding' | 'bodySha256'>): string {
  return event.bodySha256 ?? hash('sha256', bodyBytes(event));
}

/** Of an event id's 256 bits 128 tell events apart as well, and Redis holds them three times for each event. */
const DEDUPLICATION_ID_LENGTH = 32;

/** The id under which the queue knows repeats of an event. */
export function deduplicationIdOf(eventId: string): string {
  return eventId.slice(0, DEDUPLICATION_ID_LENGTH);
}
