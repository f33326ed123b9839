import { AppError, type ErrorCode, type RetryPolicy } from '../../contracts/errors.js';
import type { Json } from '../../contracts/json.js';
import { isJsonObject } from '../gong-call.payload.js';

/** Gong did not answer, or not sensibly: come back soon. */
const UNAVAILABLE_AFTER_MS = 5_000;
/** Credentials are mended by a person. */
const REFUSED_AFTER_MS = 300_000;
/** A 429 that does not say for how long. */
const RATE_LIMITED_AFTER_MS = 2_000;
/** Longer than any limit Gong has: its largest unit is the day. */
const LONGEST_RETRY_AFTER_MS = 25 * 3_600_000;
const MOST_SHOWN_CHARACTERS = 200;

/** A request to Gong that brought nothing; `status` is the label of the metric. */
export class GongApiError extends AppError {
  constructor(
    code: Extract<ErrorCode, `GONG.${string}`>,
    message: string,
    retry: RetryPolicy,
    /** HTTP status, or `network`, `timeout`, `malformed`. */
    readonly status: string,
    options?: ErrorOptions,
  ) {
    super(code, message, retry, options);
    this.name = 'GongApiError';
  }
}

/** The connection failed, or the answer did not come in time, or is not what Gong's API sends. */
export function gongUnavailable(
  status: 'network' | 'timeout' | 'malformed',
  reason: string,
  cause?: unknown,
): GongApiError {
  const retry = { afterMs: UNAVAILABLE_AFTER_MS };
  return new GongApiError('GONG.UNAVAILABLE', reason, retry, status, { cause });
}

/** The limit of ours or of Gong's; nothing was asked, or nothing was answered. */
export function gongRateLimited(reason: string, afterMs: number, status = 'limited'): GongApiError {
  return new GongApiError('GONG.RATE_LIMITED', reason, { afterMs: Math.ceil(afterMs) }, status);
}

/**
 * What an answer that is not 2xx means. Gong's errors are `{"requestId", "errors": ["..."]}` for every
 * status (its OpenAPI description; recorded answers).
 * @returns null for an empty result: Gong answers 404 "No calls found ..." where others send an empty list.
 */
export function gongFailure(
  status: number,
  body: Json | undefined,
  retryAfter: string | undefined,
): GongApiError | null {
  const text = errorText(body);
  const label = String(status);
  const afterMs = retryAfterMs(retryAfter);
  if (status === 429) {
    return gongRateLimited('Gong says we ask too often', afterMs ?? RATE_LIMITED_AFTER_MS, label);
  }
  if (status >= 500 || status === 408 || status < 400) {
    const retry = { afterMs: afterMs ?? UNAVAILABLE_AFTER_MS };
    return new GongApiError('GONG.UNAVAILABLE', `Gong answered ${status}`, retry, label);
  }
  return status === 404 ? notFound(text) : refusal(status, text);
}

/** Only an answer that is really Gong's means "nothing": any wrong address answers 404 too. */
function notFound(text: string | null): GongApiError | null {
  if (text === null) {
    return gongUnavailable('malformed', 'a 404 that is not of the API: is the address right?');
  }
  if (/^no .* found|was not found/i.test(text)) return null;
  return new GongApiError('GONG.REQUEST_REFUSED', `Gong answered 404: ${text}`, 'never', '404');
}

function refusal(status: number, text: string | null): GongApiError {
  const message = `Gong answered ${status}${text === null ? '' : `: ${text}`}`;
  const label = String(status);
  if (status === 401 && /don't have permission/i.test(text ?? '')) {
    return new GongApiError('GONG.SCOPE_MISSING', message, { afterMs: REFUSED_AFTER_MS }, label);
  }
  if (status === 401 || status === 403) {
    return new GongApiError('GONG.CREDENTIALS_REFUSED', message, { afterMs: REFUSED_AFTER_MS }, label);
  }
  if (status === 400 && /cursor has expired/i.test(text ?? '')) {
    return new GongApiError('GONG.CURSOR_EXPIRED', message, { afterMs: UNAVAILABLE_AFTER_MS }, label);
  }
  return new GongApiError('GONG.REQUEST_REFUSED', message, 'never', label);
}

function errorText(body: Json | undefined): string | null {
  const errors = isJsonObject(body) ? body.errors : undefined;
  const [first] = Array.isArray(errors) ? (errors as readonly Json[]) : [];
  return typeof first === 'string' ? first.slice(0, MOST_SHOWN_CHARACTERS) : null;
}

/** Seconds, as Gong documents it, or a date, as HTTP allows. */
function retryAfterMs(header: string | undefined): number | null {
  if (header === undefined) return null;
  const seconds = Number(header);
  const afterMs = Number.isNaN(seconds) ? Date.parse(header) - Date.now() : seconds * 1000;
  return Number.isNaN(afterMs) ? null : Math.min(Math.max(afterMs, 1_000), LONGEST_RETRY_AFTER_MS);
}
