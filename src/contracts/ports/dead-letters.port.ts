import type { DeadLetter, DeadLetterDetail, DeadLetterFilter } from '../dead-letter.js';

export interface DeadLetterPage {
  readonly items: readonly DeadLetter[];
  /** For the next page; null on the last one. */
  readonly nextCursor: string | null;
}

export interface ReplayReport {
  readonly matched: number;
  /** More match than the limit allowed. */
  readonly hasMore: boolean;
  readonly attempted: number;
  readonly succeeded: number;
  readonly failed: readonly { readonly id: string; readonly reason: string }[];
}

/** What an operator does with dead letters, whoever keeps them. */
export interface DeadLetters {
  /**
   * Newest first.
   * @throws RangeError for a cursor that is not one of ours.
   */
  page(filter: DeadLetterFilter, limit: number, cursor?: string): Promise<DeadLetterPage>;
  find(id: string): Promise<DeadLetterDetail | undefined>;
  /** @returns false when there is no such dead letter (any more): replaying twice is safe. */
  replay(id: string, by: string): Promise<boolean>;
  /** Replays the newest that match; a dry run only counts them. */
  replayAll(filter: DeadLetterFilter, limit: number, isDryRun: boolean, by: string): Promise<ReplayReport>;
  discard(id: string): Promise<boolean>;
}

export const DeadLetters = Symbol('DeadLetters');
