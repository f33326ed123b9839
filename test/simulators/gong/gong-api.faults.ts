/**
 * What can go wrong at Gong's, switched on by a test. Each is something that integrations have met:
 * - `server-error`: 500 "Internal server error occurred" (recorded answer)
 * - `rate-limited`: 429 with Retry-After in seconds (Gong's OpenAPI description; hours when the day is spent)
 * - `hang`: the connection is taken and nothing comes
 * - `disconnect`: the connection ends without an answer
 * - `malformed`: 200 with text that is not JSON, as a proxy or a broken deployment sends
 * - `cut-short`: 200 whose JSON ends in the middle
 * - `slow`: the right answer, later
 * - `scope-missing`: 401 "You don't have permission to use '...' in your app." (recorded answer; not 403)
 * - `credentials-refused`: 401 for a key that does not hold
 * - `bad-request`: 400 for what Gong does not like about the request
 * - `cursor-expired`: 400 "cursor has expired" for a request with a cursor (integrations; cursors live about an hour)
 */
export type GongFaultKind =
  | 'server-error'
  | 'rate-limited'
  | 'hang'
  | 'disconnect'
  | 'malformed'
  | 'cut-short'
  | 'slow'
  | 'scope-missing'
  | 'credentials-refused'
  | 'bad-request'
  | 'cursor-expired';

export interface GongFault {
  readonly kind: GongFaultKind;
  /** Only requests to this endpoint, e.g. `calls/transcript`. */
  readonly endpoint?: string;
  /** How often it happens; without it, until `mend`. */
  readonly times?: number;
  /** For `rate-limited`: what Retry-After says. */
  readonly retryAfterSeconds?: number;
  /** For `slow`. */
  readonly delayMs?: number;
  /** Only requests that ask for this call. */
  readonly callId?: string;
}

/** An answer instead of the right one. */
export interface FaultAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

const REQUEST_ID = '4kq7d2m1xw9zr0tyb5u';

/** Gong's envelope of every error: `{"requestId", "errors": [...]}` (OpenAPI description; recorded answers). */
export function errorBody(message: string): string {
  return JSON.stringify({ requestId: REQUEST_ID, errors: [message] });
}

/** The answer of a fault that has one; null where the connection itself is at fault, or nothing but the time. */
export function faultAnswer({ kind, retryAfterSeconds = 1 }: GongFault): FaultAnswer | null {
  switch (kind) {
    case 'server-error':
      return { status: 500, body: errorBody('Internal server error occurred') };
    case 'rate-limited':
      return rateLimitAnswer(retryAfterSeconds);
    case 'malformed':
      return { status: 200, body: '<html><body>Service temporarily unavailable</body></html>' };
    case 'cut-short':
      return { status: 200, body: '{"requestId":"4kq7d2m1xw9zr0tyb5u","calls":[{"metaData":{"id":"12' };
    case 'scope-missing':
      return {
        status: 401,
        body: errorBody("You don't have permission to use 'api:calls:read:extensive' in your app."),
      };
    case 'credentials-refused':
      return { status: 401, body: errorBody('The credentials provided are invalid.') };
    case 'bad-request':
      return { status: 400, body: errorBody('Failed to parse request') };
    case 'cursor-expired':
      return { status: 400, body: errorBody('cursor has expired') };
    case 'hang':
    case 'disconnect':
    case 'slow':
      return null;
  }
}

/** The text is that of Gong's OpenAPI description; a real answer has not been seen. */
export function rateLimitAnswer(retryAfterSeconds: number): FaultAnswer {
  return {
    status: 429,
    headers: { 'retry-after': String(retryAfterSeconds) },
    body: errorBody('API request limit exceeded'),
  };
}
