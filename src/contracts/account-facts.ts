/** One record of the CRM as its rules read it: values as text, by the CRM's name of the field; null: empty. */
export interface RecordFacts {
  readonly id: string;
  readonly name: string | null;
  readonly values: Readonly<Record<string, string | null>>;
}

/** What our people wrote down about an account. */
export interface NoteFacts {
  readonly id: string;
  readonly title: string | null;
  /** As the CRM has it; evidence quotes are substrings of it. */
  readonly text: string;
  readonly author: string | null;
  /** ISO 8601; null where the CRM does not say. */
  readonly writtenAt: string | null;
  /** Tells an edited note from the one before. */
  readonly contentHash: string;
}

/** What the insight engine reads of an account. A null part would not be given. */
export interface AccountFacts {
  readonly account: RecordFacts;
  readonly deals: readonly RecordFacts[] | null;
  readonly notes: readonly NoteFacts[] | null;
}

/** What is kept of a reading, to see at the next one what has changed: only what rules ask for. */
export interface KnownFacts {
  readonly account: Readonly<Record<string, string | null>>;
  /** By the id of the deal. */
  readonly deals: Readonly<Record<string, Readonly<Record<string, string | null>>>>;
  /** The notes that were read, as id and content hash; the newest last. */
  readonly notes: Readonly<Record<string, string>>;
}

/** A record and the fields of it that an event names as changed. */
export interface ChangedRecord {
  readonly module: string;
  readonly recordId: string;
  readonly fields: readonly string[];
}

/** An account between two readings. */
export interface AccountChange {
  readonly accountId: string;
  /** Of the reading before; null for the first. */
  readonly before: KnownFacts | null;
  readonly after: AccountFacts;
  /** Names the reading before: the same change found again, after a crash, gets the same ids. */
  readonly since: string;
  /** What events say has changed. It stands in for the reading before where there is none. */
  readonly changed: readonly ChangedRecord[];
  /** When the first of the events came in, ISO 8601. */
  readonly at: string;
}
