/** What the load generator is told to send: its own process, so that it does not share a thread with the judge. */
export interface LoadOrder {
  readonly port: number;
  /** `hmac`: Zoho's generic form with `x-zoho-signature`; `jwt`: a Gong call with an RS256 token. */
  readonly form: 'hmac' | 'jwt';
  readonly secret: string;
  /** PEM, for `jwt`. */
  readonly privateKey: string;
  readonly connections: number;
  readonly milliseconds: number;
  /** Requests per second of an open loop; 0: each connection sends as soon as it was answered. */
  readonly rate: number;
  /** Requests signed beforehand. */
  readonly prepared: number;
  /** Whether to begin again when all are sent; else the slice ends early: a repeat would be a duplicate. */
  readonly mayRepeat: boolean;
}

export interface LoadReport {
  readonly answered: number;
  /** Answers other than 200, and broken connections. */
  readonly failed: number;
  readonly elapsedMs: number;
  /** In milliseconds; of an open loop from when the request was due, so that a stalled server cannot hide. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly firstFailure?: string;
}
