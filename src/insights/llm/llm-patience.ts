/** How long is waited for a language model, in milliseconds. */
export interface LlmPatience {
  readonly requestTimeoutMs: number;
  readonly connectTimeoutMs: number;
  /** After so many failures in a row the server is left alone ... */
  readonly failuresUntilOpen: number;
  /** ... for so long. */
  readonly restMs: number;
  /** After a 429 that does not say for how long. */
  readonly limitedMs: number;
  readonly longestLimitedMs: number;
}

export const LlmPatience = Symbol('LlmPatience');

export const DEFAULT_LLM_PATIENCE: LlmPatience = {
  requestTimeoutMs: 60_000,
  connectTimeoutMs: 5_000,
  failuresUntilOpen: 5,
  restMs: 30_000,
  limitedMs: 20_000,
  longestLimitedMs: 300_000,
};
