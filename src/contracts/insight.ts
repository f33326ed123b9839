export type Side = 'internal' | 'external' | 'unknown';
export const INSIGHT_KINDS = ['competitor', 'churn_risk', 'upsell', 'sentiment', 'action_item'] as const;
export type InsightKind = (typeof INSIGHT_KINDS)[number];
export type Stance = 'mention' | 'evaluating' | 'using' | 'rejected' | 'past' | 'integration';

/** In the order of urgency. */
export const PRIORITIES = ['low', 'medium', 'high', 'urgent'] as const;
export type Priority = (typeof PRIORITIES)[number];

/** Where an insight comes from. `quote` is an exact substring of the text found at `field`. */
export interface Evidence {
  readonly quote: string;
  readonly speaker: string | null;
  readonly side: Side;
  readonly startMs: number | null;
  readonly endMs: number | null;
  readonly field: string;
  /** Number of the turn it was said in; absent for what stands outside the conversation's text. */
  readonly turn?: number;
}

export interface Insight {
  /** sha256 of conversation, rule and place: the same input gives the same id. */
  readonly id: string;
  readonly kind: InsightKind;
  readonly subject?: string;
  readonly label?: string;
  /** For a sentiment: whose. */
  readonly side?: Side;
  /** Strength of the sign, 0 to 1; not a calibrated probability. */
  readonly score: number;
  readonly stance?: Stance;
  readonly ruleset: string;
  readonly rules: readonly string[];
  readonly source: 'rules' | 'gong' | 'llm';
  readonly evidence: readonly Evidence[];
  readonly owner?: string;
  /** ISO date. */
  readonly due?: string;
}

export interface NextStep {
  readonly text: string;
  readonly insightIds: readonly string[];
  readonly due?: string;
}

/** What the engine found in one conversation. */
export interface Analysis {
  readonly ruleset: string;
  readonly insights: readonly Insight[];
  readonly priority: Priority;
  /** Why this priority, in words: stored, so that a person can disagree with a reason. */
  readonly priorityReasons: readonly string[];
  readonly nextSteps: readonly NextStep[];
  /** A language model took part: of two analyses by the same rules this is the newer. */
  readonly review?: object;
}
