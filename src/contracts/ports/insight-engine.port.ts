import type { Conversation } from '../conversation.js';
import type { Analysis } from '../insight.js';

/**
 * Turns a conversation into insights: the same conversation and rules give the same analysis. A long one lets
 * others run meanwhile, therefore the promise.
 */
export interface InsightEngine {
  analyse(conversation: Conversation): Promise<Analysis>;
}

export const InsightEngine = Symbol('InsightEngine');
