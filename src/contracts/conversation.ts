import type { Side } from './insight.js';
import type { ConversationKind } from './vendor.js';

export interface Party {
  readonly id: string | null;
  readonly name: string | null;
  readonly emailAddress: string | null;
  readonly title: string | null;
  readonly side: Side;
  /** Null for people who never spoke, and for callers the vendor could not tell apart. */
  readonly speakerId: string | null;
}

/** A vendor's own phrase tracker that fired. `field` is where its text stands in the payload. */
export interface TrackerHit {
  readonly name: string;
  readonly type: string | null;
  readonly count: number;
  readonly field: string;
  readonly phrases: readonly { readonly text: string; readonly count: number; readonly field: string }[];
}

/** A call, e-mail or meeting in the form the insight engine reads, whatever vendor it came from. */
export interface Conversation {
  readonly kind: ConversationKind;
  readonly objectId: string;
  readonly title: string | null;
  readonly titleField: string;
  readonly durationSeconds: number | null;
  readonly startedAt: string | null;
  /** Whether anybody from outside took part, as far as is known. */
  readonly side: Side;
  readonly parties: readonly Party[];
  readonly trackers: readonly TrackerHit[];
}

/** What a message or a row says the conversation is about. */
export interface Subject {
  readonly type: ConversationKind;
  readonly id: string;
  readonly title: string | null;
  readonly url: string | null;
  readonly account: { readonly id: string; readonly name: string | null } | null;
}

/** `full`: everything the vendor has; `partial`: what is missing may still come. */
export type EnrichmentStatus = 'full' | 'partial';

/**
 * An event as understood by its vendor's adapter: the conversation for the insight engine, the subject for
 * messages, and the part of the enhanced row that does not depend on insights.
 */
export interface EnrichedRecord {
  readonly conversation: Conversation;
  readonly subject: Subject;
  readonly occurredAt: string | null;
  /** Private to a few people at the customer's: neither analysed nor shown (setting GONG_INCLUDE_PRIVATE_CALLS). */
  readonly isWithheld: boolean;
  readonly enrichment: { readonly status: EnrichmentStatus; readonly skippedBecause?: string };
  /** Names of fields that were present but not usable; they stay in the raw row. */
  readonly unusableFields: readonly string[];
  /** Share of the expected fields that were present and usable, 0 to 1. */
  readonly dataQuality: number;
}
