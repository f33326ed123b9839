/** How long we wait for Zoho, and how long we leave it alone. All in milliseconds. */
export interface ZohoPatience {
  /** For one answer, before it counts as a fault. */
  readonly requestTimeoutMs: number;
  /** How long a slot of a process that died stays taken; longer than any request with its second try. */
  readonly leaseMs: number;
  /** Longest wait for a slot; then the work is put aside. */
  readonly slotWaitMs: number;
  /** How long a look-up waits for others to share its request. */
  readonly batchWindowMs: number;
  /** After the first 429; doubles with each that follows, up to `rateLimitMaxMs`. */
  readonly rateLimitBaseMs: number;
  readonly rateLimitMaxMs: number;
  /** Credits come back over a rolling day. */
  readonly creditsSpentMs: number;
  /** After a fault of Zoho's, and while the circuit is open. */
  readonly faultMs: number;
  /** After the token endpoint's "too many requests": its window is ten minutes. */
  readonly tokenThrottledMs: number;
  /** After a refusal of the credentials: only a person mends it. */
  readonly credentialsRefusedMs: number;
  /** A token younger than this that is refused is not replaced: ten tokens in ten minutes are all there are. */
  readonly tokenMinAgeMs: number;
  /** How long after its start was noted the request that writes a task may leave. */
  readonly taskLeaveMs: number;
  /** How long after its start such a request may still have an effect: longer than `taskLeaveMs` and its answer take. */
  readonly taskSettleMs: number;
}

export const ZohoPatience = Symbol('ZohoPatience');

export const DEFAULT_PATIENCE: ZohoPatience = {
  requestTimeoutMs: 20_000,
  leaseMs: 60_000,
  slotWaitMs: 15_000,
  batchWindowMs: 20,
  rateLimitBaseMs: 1_000,
  rateLimitMaxMs: 60_000,
  creditsSpentMs: 300_000,
  faultMs: 5_000,
  tokenThrottledMs: 60_000,
  credentialsRefusedMs: 300_000,
  tokenMinAgeMs: 60_000,
  taskLeaveMs: 30_000,
  taskSettleMs: 90_000,
};

/** Up to half as long again, so that what was put aside together does not come back together. */
export function withJitter(milliseconds: number): number {
  return Math.round(milliseconds * (1 + Math.random() / 2));
}
