/** All that is known of one account, as one coherent text for a memory. */
export interface AccountDocument {
  readonly accountId: string;
  readonly accountName: string;
  /** Markdown; the same knowledge gives the same text. */
  readonly text: string;
  /** sha256 in hex of the text. */
  readonly contentHash: string;
  /** Groups it belongs to, e.g. its industry; a memory may search within them. */
  readonly labels: readonly string[];
}

export interface Recollection {
  /** Null where the memory answers in its own words and does not say from where. */
  readonly accountId: string | null;
  readonly accountName: string | null;
  readonly text: string;
  /** Higher is better; null where the memory does not rank. */
  readonly score: number | null;
}

/** What a memory has of one account. */
export interface RememberedDocument extends AccountDocument {
  /** ISO 8601, UTC; null where it was remembered by a release that did not note it. */
  readonly rememberedAt: string | null;
  /** False while the memory is still taking it in: `recall` does not find it yet. */
  readonly isRecallable: boolean;
}

export interface MemoryStats {
  readonly documents: number;
  /** When the last document was remembered, ISO 8601; null before the first. */
  readonly lastRememberedAt: string | null;
}

/** What agents can ask about accounts. One document per account: a newer one replaces the older. */
export interface Memory {
  /**
   * Durable when it returns. The same document again changes nothing.
   * @returns whether anything changed.
   * @throws AppError `MEMORY.*` with its own retry policy.
   */
  remember(document: AccountDocument): Promise<'stored' | 'unchanged'>;
  /**
   * As `remember`, but the older document is gone when it returns, though the new one may not be recalled yet: for
   * what must not be found any more.
   */
  replace(document: AccountDocument): Promise<void>;
  /** Forgets an account; one that is not known is fine. */
  forget(accountId: string): Promise<void>;
  /** The best answers first. */
  recall(query: string, limit: number): Promise<Recollection[]>;
  /** The document of an account; undefined where it has none. */
  find(accountId: string): Promise<RememberedDocument | undefined>;
  /** The accounts that have a document, in no order. */
  accountIds(): Promise<string[]>;
  stats(): Promise<MemoryStats>;
}

export const Memory = Symbol('Memory');
