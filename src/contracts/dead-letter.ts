import type { Json } from './json.js';
import type { EventKind, Vendor } from './vendor.js';

/** What retrying could not mend, as the operator's list shows it. */
export interface DeadLetter {
  /** `<source>.<id within it>`: the same wherever it is asked for. */
  readonly id: string;
  /** Where it failed: a queue, a table of the warehouse, a target of messages. */
  readonly source: string;
  /** Stable code of the error, `OTHER` for an unforeseen one. */
  readonly code: string;
  readonly message: string;
  readonly stage: string | null;
  readonly vendor: Vendor | null;
  readonly kind: EventKind | null;
  readonly eventId: string | null;
  /** The vendor's id of the object. */
  readonly entityId: string | null;
  readonly correlationId: string | null;
  readonly attempts: number;
  /** ISO 8601, UTC. */
  readonly failedAt: string;
  /** The dead letter that this one was before an operator had it run again. */
  readonly replayOf: string | null;
}

/** One dead letter with all that helps to understand it. */
export interface DeadLetterDetail extends DeadLetter {
  /** The body as it was received, or the row or message that was refused. */
  readonly payload: Json;
}

/** Every given field must match. */
export interface DeadLetterFilter {
  readonly source?: string;
  readonly vendor?: Vendor;
  readonly kind?: EventKind;
  readonly code?: string;
  /** ISO 8601; from inclusive, until exclusive. */
  readonly since?: string;
  readonly until?: string;
}

export function matchesFilter(letter: DeadLetter, filter: DeadLetterFilter): boolean {
  const { source, vendor, kind, code, since, until } = filter;
  const isWanted = <T>(wanted: T | undefined, value: T | null) => wanted === undefined || wanted === value;
  return (
    isWanted(source, letter.source) &&
    isWanted(vendor, letter.vendor) &&
    isWanted(kind, letter.kind) &&
    isWanted(code, letter.code) &&
    (since === undefined || Date.parse(letter.failedAt) >= Date.parse(since)) &&
    (until === undefined || Date.parse(letter.failedAt) < Date.parse(until))
  );
}
