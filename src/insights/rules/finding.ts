import type { Evidence, Insight, InsightKind, Stance } from '../../contracts/insight.js';

/** What a rule found; the engine adds id and ruleset. */
export interface Finding {
  readonly kind: InsightKind;
  readonly rule: string;
  readonly source: Insight['source'];
  readonly subject?: string;
  readonly stance?: Stance;
  readonly score: number;
  readonly evidence: readonly Evidence[];
}
