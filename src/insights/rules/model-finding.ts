import type { InsightKind, Stance } from '../../contracts/insight.js';

/** Kinds that a language model may find; sentiment is measured, not judged. */
export const MODEL_KINDS = [
  'competitor',
  'churn_risk',
  'upsell',
  'action_item',
] as const satisfies readonly InsightKind[];

/** What a language model says it found, checked for its form: numbers and known words only, never its own text. */
export interface ModelFinding {
  readonly kind: (typeof MODEL_KINDS)[number];
  /** Numbers of sentences as the model was given them. */
  readonly sentenceIds: readonly number[];
  readonly score: number;
  /** Id of a competitor, for that kind. */
  readonly subject: string | null;
  readonly stance: Stance | null;
  /** Place among the parties of who has to do it. */
  readonly owner: number | null;
}

/** How far a language model may go; see config/insights/llm.yaml. */
export interface ModelCaps {
  readonly maxRaise: number;
  readonly maxAdded: number;
  readonly minScore: number;
  readonly maxWords: number;
}

/** Without the section of the rule files. */
export const DEFAULT_CAPS: ModelCaps = { maxRaise: 0.2, maxAdded: 0.5, minScore: 0.3, maxWords: 15_000 };
