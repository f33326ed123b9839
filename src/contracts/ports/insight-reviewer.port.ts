import type { Conversation } from '../conversation.js';
import type { Analysis } from '../insight.js';

/** What a language model has added to an analysis; goes into the history row. */
export interface ReviewRecord {
  readonly model: string;
  /** Of request and answer, as the server counts them; 0 for an answer that was known. */
  readonly tokens: number;
  readonly isKnown: boolean;
  readonly added: number;
  readonly raised: number;
  /** Findings without a sentence that exists, or of a kind or subject that there is not. */
  readonly dropped: number;
}

export interface ReviewedAnalysis extends Analysis {
  readonly review: ReviewRecord;
}

/**
 * The insight engine with a language model beside its rules: the same analysis, and what the model adds within
 * the caps of the rules. It never takes anything away, and never makes anything urgent.
 */
export interface InsightReviewer {
  /** Whether a model is configured. */
  readonly isOn: boolean;
  /** @throws AppError `LLM.*` with its own retry policy; `never` where asking again cannot help. */
  analyse(conversation: Conversation): Promise<ReviewedAnalysis>;
}

export const InsightReviewer = Symbol('InsightReviewer');
