import { AppError, type ErrorCode, type RetryPolicy } from '../../contracts/errors.js';

/** An answer of Cognee, read. */
export interface CogneeAnswer {
  readonly status: number;
  /** The JSON of the body; undefined where it is none. */
  readonly body: unknown;
  readonly retryAfterSeconds?: number;
}

const OUTAGE_RETRY_MS = 15_000;
const OPERATOR_RETRY_MS = 60_000;
const BUDGET_RETRY_MS = 900_000;
/** A Retry-After of nothing would be a storm of requests, and one of a year the end of the work. */
const SHORTEST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 3_600_000;

interface Meaning {
  readonly code: ErrorCode;
  readonly retry: RetryPolicy;
  readonly text: string;
}

const REFUSED: Meaning = { code: 'MEMORY.REFUSED', retry: 'never', text: 'does not take this request' };
const UNAUTHORIZED: Meaning = {
  code: 'MEMORY.UNAUTHORIZED',
  retry: { afterMs: OPERATOR_RETRY_MS },
  text: 'does not let us in',
};
const UNAVAILABLE: Meaning = {
  code: 'MEMORY.UNAVAILABLE',
  retry: { afterMs: OUTAGE_RETRY_MS },
  text: 'cannot answer now',
};
const PIPELINE_FAILED: Meaning = {
  code: 'MEMORY.PIPELINE_FAILED',
  retry: { afterMs: OPERATOR_RETRY_MS },
  text: 'could not process it',
};

/**
 * What Cognee's status codes mean to us (cognee v1.5 routers; 409 and 420 are what v0.3 to v0.5 answer where
 * later ones answer 500). Only a request that can never succeed is given up; everything else mends itself or
 * is mended by an operator, and waits without using up attempts.
 */
const MEANINGS: Readonly<Record<number, Meaning>> = {
  400: REFUSED,
  401: UNAUTHORIZED,
  402: {
    code: 'MEMORY.BUDGET_EXHAUSTED',
    retry: { afterMs: BUDGET_RETRY_MS },
    text: 'has spent its token budget',
  },
  403: UNAUTHORIZED,
  404: { code: 'MEMORY.CONFLICT', retry: { afterMs: OPERATOR_RETRY_MS }, text: 'does not know this' },
  409: {
    code: 'MEMORY.CONFLICT',
    retry: { afterMs: OUTAGE_RETRY_MS },
    text: 'cannot do it in its present state',
  },
  413: REFUSED,
  415: REFUSED,
  420: PIPELINE_FAILED,
  422: REFUSED,
};

/** The error for an answer that is not a success. Its text names route and status, never what was sent or said. */
export function errorOfAnswer(route: string, { status, body, retryAfterSeconds }: CogneeAnswer): AppError {
  const isOwnWords = typeof (body as { error?: unknown } | undefined)?.error === 'string';
  const { code, retry, text } = MEANINGS[status] ?? (isOwnWords ? PIPELINE_FAILED : UNAVAILABLE);
  const wait = retryAfterSeconds === undefined ? retry : { afterMs: bounded(retryAfterSeconds * 1_000) };
  return new AppError(code, `Cognee ${text}: ${route} answered ${status}`, retry === 'never' ? retry : wait);
}

function bounded(afterMs: number): number {
  return Math.min(Math.max(afterMs, SHORTEST_RETRY_MS), LONGEST_RETRY_MS);
}

/** The error for a request that got no answer, or one that cannot be read. */
export function noAnswer(route: string, reason: string, afterMs: number = OUTAGE_RETRY_MS): AppError {
  return new AppError('MEMORY.UNAVAILABLE', `Cognee does not answer ${route}: ${reason}`, { afterMs });
}

/** A pipeline that ran and failed, though the answer was a success. */
export function pipelineFailed(route: string): AppError {
  const { code, text, retry } = PIPELINE_FAILED;
  return new AppError(code, `Cognee ${text}: ${route} ended with an error`, retry);
}

/** Wrong user name or password: 400 in Cognee, but never the request's fault. */
export function loginRefused(status: number): AppError {
  const { code, text, retry } = UNAUTHORIZED;
  return new AppError(code, `Cognee ${text}: the login answered ${status}`, retry);
}
