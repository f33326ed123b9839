import type { Side } from './insight.js';
import type { JsonObject } from './json.js';
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

/** What one person said or wrote without a break: a sentence of a transcript, a whole turn, or a mail. */
export interface Utterance {
  /** As the source has it; evidence quotes are substrings of it. */
  readonly text: string;
  /** Where in `parties` its speaker or author is; null where the vendor cannot tell. */
  readonly partyIndex: number | null;
  /** Utterances of one uninterrupted turn share its number, from 0. */
  readonly turn: number;
  /** Milliseconds from the start of the recording; null for what was written. */
  readonly startMs: number | null;
  readonly endMs: number | null;
  /** Where the text stands in its source, e.g. `transcript[3].sentences[1].text` or `body`. */
  readonly field: string;
}

/** A text of the vendor's own analysis, and where it stands in its source. */
export interface SignalText {
  readonly text: string;
  readonly field: string;
}

/** What the vendor's own analysis says of a conversation, as far as it was asked and knows. */
export interface VendorSignals {
  readonly topics: readonly { readonly name: string; readonly durationSeconds: number }[];
  /** Sections such as "Next steps", in the vendor's words. */
  readonly highlights: readonly { readonly title: string; readonly items: readonly SignalText[] }[];
  readonly keyPoints: readonly SignalText[];
  readonly brief: SignalText | null;
  readonly outcome: {
    readonly name: string;
    readonly category: string | null;
    readonly field: string;
  } | null;
  /** By the vendor's name of the measure, e.g. `Talk Ratio` (0 to 1) or `Longest Monologue` (seconds). */
  readonly stats: Readonly<Record<string, number>>;
  /** Questions asked by our side and by the others. */
  readonly questions: { readonly internal: number; readonly external: number } | null;
}

export const NO_SIGNALS: VendorSignals = {
  topics: [],
  highlights: [],
  keyPoints: [],
  brief: null,
  outcome: null,
  stats: {},
  questions: null,
};

/** A call, e-mail or meeting in the form the insight engine reads, whatever vendor it came from. */
export interface Conversation {
  /** `note`: what our side wrote down about an account; it is no conversation, but is read as one. */
  readonly kind: ConversationKind | 'note';
  readonly objectId: string;
  readonly title: string | null;
  readonly titleField: string;
  readonly durationSeconds: number | null;
  readonly startedAt: string | null;
  /** Offset of the place where it was held, for due dates ("by Friday"); null where it is not known: UTC. */
  readonly utcOffsetMinutes: number | null;
  /** Whether anybody from outside took part, as far as is known. */
  readonly side: Side;
  readonly parties: readonly Party[];
  readonly trackers: readonly TrackerHit[];
  /** In the order they were made; empty until the vendor has a transcript. */
  readonly utterances: readonly Utterance[];
  readonly signals: VendorSignals;
}

/** A conversation at a vendor. */
export type VendorConversation = Conversation & { readonly kind: ConversationKind };

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
  readonly conversation: VendorConversation;
  readonly subject: Subject;
  readonly occurredAt: string | null;
  /** Private to a few people at the customer's: neither analysed nor shown (setting GONG_INCLUDE_PRIVATE_CALLS). */
  readonly isWithheld: boolean;
  readonly enrichment: {
    readonly status: EnrichmentStatus;
    /** Why the vendor's API was not asked, or what it did not give. */
    readonly skippedBecause?: string;
    /** What is missing may come later: ask again after this time. Absent when this is final. */
    readonly askAgainAfterMs?: number;
  };
  /**
   * What the adapter's `enhancedRows` needs of what its `enrich` has found, so that nothing is fetched twice;
   * its own matter, and nobody else's.
   */
  readonly details?: JsonObject;
  /** Names of fields that were present but not usable; they stay in the raw row. */
  readonly unusableFields: readonly string[];
  /** Share of the expected fields that were present and usable, 0 to 1. */
  readonly dataQuality: number;
}
