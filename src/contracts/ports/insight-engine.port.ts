import type { AccountChange, KnownFacts } from '../account-facts.js';
import type { Conversation } from '../conversation.js';
import type { Analysis } from '../insight.js';

/** What became of an account since it was read before. */
export interface AccountAnalysis extends Analysis {
  /** What to compare the next reading with. */
  readonly known: KnownFacts;
}

/**
 * Turns a conversation into insights: the same conversation and rules give the same analysis. A long one lets
 * others run meanwhile, therefore the promise.
 */
export interface InsightEngine {
  analyse(conversation: Conversation): Promise<Analysis>;
  /** The same of a change of an account and of the notes that are new. */
  compare(change: AccountChange): Promise<AccountAnalysis>;
}

export const InsightEngine = Symbol('InsightEngine');
