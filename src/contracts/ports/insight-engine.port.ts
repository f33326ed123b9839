import type { Conversation } from '../conversation.js';
import type { Analysis } from '../insight.js';

/** Turns a conversation into insights. Pure: the same conversation and rules give the same analysis. */
export interface InsightEngine {
  analyse(conversation: Conversation): Analysis;
}

export const InsightEngine = Symbol('InsightEngine');
