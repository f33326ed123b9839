import type { Claim } from './seeds/claim.js';

/** How a benchmark is to be run. */
export interface BenchOptions {
  /** A smoke of seconds: shows that everything works, its figures say little. */
  readonly isQuick: boolean;
  /** Tells the person who waits what is going on. */
  readonly say: (line: string) => void;
}

/** A figure relative to another of the same run: only these can be compared between machines. */
export interface Ratio {
  readonly value: number;
  /** What the value should be. A benchmark prints whether it is; it never fails because it is not. */
  readonly target?: { readonly atLeast?: number; readonly atMost?: number };
}

/** What a benchmark has found. */
export interface BenchResult {
  /** By what was measured, then by measure with its unit, e.g. `{ tributary: { 'p95 ms': 17.2 } }`. */
  readonly figures: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** By what is compared, e.g. `saturation, tributary : fastify`. */
  readonly ratios: Readonly<Record<string, Ratio>>;
  /** Figures that somebody has named, with what was measured. */
  readonly claims?: readonly Claim[];
  /** What a reader must know: what was skipped and why, how it was measured. */
  readonly notes?: readonly string[];
}

/** What each `test/bench/<name>.bench.ts` exports. */
export interface Bench {
  run(options: BenchOptions): Promise<BenchResult>;
}
