/** How patient we are with Gong; tests use shorter times. */
export interface GongApiTimings {
  /** Longest time for one request until its whole answer is there. 100 transcripts are some megabytes. */
  readonly requestTimeoutMs: number;
  readonly connectTimeoutMs: number;
  /** Pause before the first retry of a failed request; doubles. */
  readonly retryPauseMs: number;
  /** How often a failed request is sent again at once. Each time costs quota. */
  readonly retries: number;
  /** Failures in a row after which Gong is left alone. */
  readonly failuresUntilOpen: number;
  /** For how long at first, and at the most after repeated failures. */
  readonly firstRestMs: number;
  readonly longestRestMs: number;
  /** A request is made when no further look-up came for so long ... */
  readonly collectMs: number;
  /** ... or when the first one has waited for so long, however many still come. */
  readonly longestCollectMs: number;
  /** Longest wait for a token of what nobody waits for: reconciliation. */
  readonly reconciliationPatienceMs: number;
}

/** Injected where a test wants other timings; without it the default holds. */
export const GongApiTimings = Symbol('GongApiTimings');

export const DEFAULT_TIMINGS: GongApiTimings = {
  requestTimeoutMs: 15_000,
  connectTimeoutMs: 5_000,
  retryPauseMs: 250,
  retries: 2,
  failuresUntilOpen: 6,
  firstRestMs: 5_000,
  longestRestMs: 300_000,
  collectMs: 400,
  longestCollectMs: 2_000,
  reconciliationPatienceMs: 30_000,
};
