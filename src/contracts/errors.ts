/**
 * What to do after an error: `never` retry (a dead letter), retry with `backoff`, or come back after a
 * given time without using up an attempt, because a vendor's limit is waiting and not failing.
 */
export type RetryPolicy = 'never' | 'backoff' | { readonly afterMs: number };

/** Stable codes: they are stored, counted and answered, so they are never renamed. */
export type ErrorCode =
  | 'SIGNATURE.MISSING'
  | 'SIGNATURE.INVALID'
  | 'SIGNATURE.EXPIRED'
  | 'SIGNATURE.WRONG_URL'
  | 'SIGNATURE.BODY_CHANGED'
  | 'SIGNATURE.NOT_CONFIGURED'
  | 'PAYLOAD.NOT_JSON'
  | 'PAYLOAD.NOT_UNDERSTOOD'
  | 'REQUEST.UNSUPPORTED_MEDIA_TYPE'
  | 'REQUEST.INVALID'
  | 'REQUEST.NOT_FOUND'
  | 'ACCESS.NOT_CONFIGURED'
  | 'ACCESS.DENIED'
  | 'ACCESS.FORBIDDEN'
  | 'ACCESS.TOO_MANY_FAILURES'
  | 'REQUEST.INVALID_CURSOR'
  | 'INTAKE.DISABLED'
  | 'INTAKE.QUEUE_FULL'
  | 'INTAKE.UNAVAILABLE'
  | 'JOB.UNKNOWN'
  | 'REDIS.WRITES_UNSURE'
  | 'STAGE.FAILED'
  | 'GONG.RATE_LIMITED'
  | 'GONG.UNAVAILABLE'
  | 'GONG.CREDENTIALS_REFUSED'
  | 'GONG.SCOPE_MISSING'
  | 'GONG.REQUEST_REFUSED'
  | 'GONG.CURSOR_EXPIRED'
  | 'INSIGHTS.RULES_INVALID'
  | 'LLM.UNAVAILABLE'
  | 'LLM.TIMED_OUT'
  | 'LLM.RATE_LIMITED'
  | 'LLM.BUDGET_SPENT'
  | 'LLM.MALFORMED'
  | 'LLM.REFUSED'
  | 'WAREHOUSE.IN_USE'
  | 'WAREHOUSE.SCHEMA_MISMATCH'
  | 'WAREHOUSE.ROW_REFUSED'
  | 'NOTIFICATIONS.STREAM_UNAVAILABLE'
  | 'ALERT.REFUSED'
  | 'ALERT.FAILED'
  | 'ALERT.LIMITED'
  | 'ALERT.TARGET_UNKNOWN'
  | 'MEMORY.UNAVAILABLE'
  | 'MEMORY.UNAUTHORIZED'
  | 'MEMORY.BUDGET_EXHAUSTED'
  | 'MEMORY.CONFLICT'
  | 'MEMORY.PIPELINE_FAILED'
  | 'MEMORY.BUSY'
  | 'MEMORY.REFUSED'
  | 'ERASURE.BUSY'
  | 'SYNC.NOT_QUEUED'
  | 'SYNC.SUPERSEDED'
  | 'ZOHO.NOT_CONFIGURED'
  | 'ZOHO.CREDENTIALS_REFUSED'
  | 'ZOHO.TOKEN_THROTTLED'
  | 'ZOHO.TOKEN_UNAVAILABLE'
  | 'ZOHO.RATE_LIMITED'
  | 'ZOHO.CREDITS_SPENT'
  | 'ZOHO.BUSY'
  | 'ZOHO.UNAVAILABLE'
  | 'ZOHO.FORBIDDEN'
  | 'ZOHO.REQUEST_REFUSED'
  | 'ZOHO.TASK_REFUSED'
  | 'ZOHO.TASK_UNCERTAIN'
  | 'RECONCILIATION.OFF'
  | 'CHANNELS.NOT_CONFIGURED'
  | 'CHANNELS.REFUSED'
  | 'CHANNELS.NOT_RENEWED'
  | 'WAREHOUSE.UNAVAILABLE'
  | 'WAREHOUSE.AUTHENTICATION'
  | 'WAREHOUSE.MISCONFIGURED';

/**
 * The base of every error of ours: a stable code and its own retry policy. It can be made anywhere, in a
 * request or in a worker, and its message never holds a secret or a body.
 */
export class AppError extends Error {
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly retry: RetryPolicy = 'never',
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'AppError';
  }
}

/** Any thrown value as an AppError; what we did not foresee is retried with backoff. */
export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new AppError('STAGE.FAILED', message, 'backoff', { cause: thrown });
}

/** Whether a thrown value is an error of ours with this code. */
export function isCoded(thrown: unknown, code: ErrorCode): thrown is AppError {
  return thrown instanceof AppError && thrown.code === code;
}
