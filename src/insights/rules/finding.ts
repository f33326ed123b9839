import type { Evidence, Insight, InsightKind, Side, Stance } from '../../contracts/insight.js';

/** What a rule found; the engine adds id and ruleset. */
export interface Finding {
  readonly kind: InsightKind;
  /** Rule ids, the strongest first. */
  readonly rules: readonly string[];
  readonly source: Insight['source'];
  readonly subject?: string;
  readonly label?: string;
  readonly side?: Side;
  readonly stance?: Stance;
  /** 0 to 1 */
  readonly score: number;
  readonly evidence: readonly Evidence[];
  readonly owner?: string;
  /** ISO date. */
  readonly due?: string;
}

/** Independent signs add up: 1 - (1 - a)(1 - b). */
export function combined(scores: readonly number[]): number {
  return 1 - scores.reduce((remaining, score) => remaining * (1 - score), 1);
}

export function rounded(score: number): number {
  return Math.round(Math.min(1, Math.max(0, score)) * 1000) / 1000;
}
