import type { ErrorCode } from './errors.js';

/** Codes of errors that Fastify or Nest raise before our code runs, by their status. */
const CODE_OF_STATUS = {
  400: 'REQUEST.INVALID',
  403: 'REQUEST.FORBIDDEN',
  404: 'REQUEST.NOT_FOUND',
  405: 'REQUEST.METHOD_NOT_ALLOWED',
  408: 'REQUEST.TIMEOUT',
  413: 'REQUEST.TOO_LARGE',
  414: 'REQUEST.URI_TOO_LONG',
  415: 'REQUEST.UNSUPPORTED_MEDIA_TYPE',
  431: 'REQUEST.HEAD_TOO_LARGE',
  503: 'SERVICE.UNAVAILABLE',
} as const;

type HttpCode = (typeof CODE_OF_STATUS)[keyof typeof CODE_OF_STATUS];

/** RFC 9457 problem details. `code` is stable; `detail` never holds a secret, a stack or a body. */
export interface Problem {
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly correlationId: string;
}

interface HttpMeaning {
  readonly status: number;
  /** When it is answered, for the API's documents. */
  readonly when: string;
}

const meaning = (status: number, when: string): HttpMeaning => ({ status, when });

/** Codes that belong to HTTP; every other code is ours to mend, and so a 500. */
const HTTP_MEANINGS = {
  'SIGNATURE.MISSING': meaning(401, 'Nothing proves that the vendor sent it.'),
  'SIGNATURE.INVALID': meaning(401, 'The token, signature or key is not made with one of ours.'),
  'SIGNATURE.EXPIRED': meaning(401, 'The token or the signed timestamp is too old.'),
  'SIGNATURE.WRONG_URL': meaning(401, 'The token was made for another address.'),
  'SIGNATURE.BODY_CHANGED': meaning(401, 'The body is not the one that was signed.'),
  'SIGNATURE.NOT_CONFIGURED': meaning(401, 'No key is configured for tokens of this algorithm.'),
  'PAYLOAD.NOT_JSON': meaning(400, 'The body is not JSON.'),
  'REQUEST.UNSUPPORTED_MEDIA_TYPE': meaning(415, 'The body is of another type, or compressed.'),
  'REQUEST.INVALID': meaning(400, 'A field or parameter is not as it should be; `detail` names it.'),
  'REQUEST.NOT_FOUND': meaning(404, 'There is none of this id (any more).'),
  'REQUEST.INVALID_CURSOR': meaning(400, 'The cursor is not the `nextCursor` of an earlier page.'),
  'REQUEST.FORBIDDEN': meaning(403, 'It is not allowed.'),
  'REQUEST.METHOD_NOT_ALLOWED': meaning(405, 'The address has no such method.'),
  'REQUEST.TOO_LARGE': meaning(413, 'The body is larger than WEBHOOK_MAX_BODY_BYTES.'),
  'REQUEST.URI_TOO_LONG': meaning(414, 'A part of the path is longer than any id.'),
  'ACCESS.NOT_CONFIGURED': meaning(403, 'No token of this level is configured, so nobody may.'),
  'ACCESS.DENIED': meaning(401, 'The token or session is missing or wrong.'),
  'ACCESS.FORBIDDEN': meaning(403, 'The token may not do this, or the page is of another origin.'),
  'ACCESS.TOO_MANY_FAILURES': meaning(429, 'Too many wrong credentials came from this address.'),
  'NOTIFICATIONS.STREAM_UNAVAILABLE': meaning(503, 'Too many agents listen, or Redis does not answer.'),
  'RECONCILIATION.OFF': meaning(409, 'The vendor cannot be asked without credentials.'),
  'CHANNELS.NOT_CONFIGURED': meaning(409, 'A setting that channels need is missing; `detail` names it.'),
  'CHANNELS.REFUSED': meaning(502, 'Zoho refuses the channel.'),
  'ZOHO.NOT_CONFIGURED': meaning(409, 'There are no credentials of Zoho.'),
  'ZOHO.CREDENTIALS_REFUSED': meaning(502, 'Zoho refuses our credentials.'),
  'ZOHO.FORBIDDEN': meaning(502, 'Zoho refuses what we ask: a scope or a permission is missing.'),
  'ZOHO.REQUEST_REFUSED': meaning(502, 'Zoho does not take the request.'),
  'ZOHO.RATE_LIMITED': meaning(503, 'Zoho asks us to wait.'),
  'ZOHO.CREDITS_SPENT': meaning(503, "The day's API credits of Zoho are spent."),
  'ZOHO.BUSY': meaning(503, 'As many requests to Zoho as are allowed are under way.'),
  'ZOHO.UNAVAILABLE': meaning(503, 'Zoho does not answer.'),
  'ZOHO.TOKEN_THROTTLED': meaning(503, 'Zoho gives no new access token for a while.'),
  'ZOHO.TOKEN_UNAVAILABLE': meaning(503, "Zoho's accounts server does not answer."),
  'GONG.RATE_LIMITED': meaning(503, "Gong's quota is used up for now."),
  'GONG.UNAVAILABLE': meaning(503, 'Gong does not answer.'),
  'GONG.CREDENTIALS_REFUSED': meaning(502, 'Gong refuses our credentials.'),
  'GONG.SCOPE_MISSING': meaning(502, 'The credentials lack a scope of Gong.'),
  'GONG.REQUEST_REFUSED': meaning(502, 'Gong does not take the request.'),
  'GONG.CURSOR_EXPIRED': meaning(502, "Gong's cursor has expired meanwhile."),
  'MEMORY.UNAVAILABLE': meaning(503, 'The memory does not answer.'),
  'MEMORY.BUSY': meaning(503, 'The memory is being written.'),
  'MEMORY.CONFLICT': meaning(503, 'The memory cannot answer in its present state.'),
  'MEMORY.BUDGET_EXHAUSTED': meaning(503, 'The memory has spent its token budget.'),
  'MEMORY.UNAUTHORIZED': meaning(502, 'The memory refuses our credentials.'),
  'MEMORY.REFUSED': meaning(502, 'The memory does not take the request.'),
  'MEMORY.PIPELINE_FAILED': meaning(502, 'The memory failed while it answered.'),
  'WAREHOUSE.UNAVAILABLE': meaning(503, 'The warehouse does not answer.'),
  'INTAKE.DISABLED': meaning(503, 'Webhooks are switched off (WEBHOOK_ENABLED).'),
  'INTAKE.QUEUE_FULL': meaning(503, 'The queue is full; nothing was acknowledged.'),
  'INTAKE.UNAVAILABLE': meaning(503, 'The queue cannot be written; nothing was acknowledged.'),
  'SERVICE.UNAVAILABLE': meaning(503, 'The service starts, drains, or has no Redis.'),
  INTERNAL: meaning(500, 'Something is broken here; the log has it under the correlation id.'),
} as const satisfies Partial<Record<ErrorCode | HttpCode | 'INTERNAL', HttpMeaning>>;

/** Every `code` that an answer can have. */
export type ProblemCode = keyof typeof HTTP_MEANINGS;

export function httpMeaningOf(code: ProblemCode): HttpMeaning {
  return HTTP_MEANINGS[code];
}

/** The status of the answer for an error of ours. */
export function statusOfCode(code: ErrorCode): number {
  return (HTTP_MEANINGS as Partial<Record<ErrorCode, HttpMeaning>>)[code]?.status ?? 500;
}

/** The code for an error that only has a status. */
export function codeOfStatus(status: number): string {
  return (CODE_OF_STATUS as Record<number, string>)[status] ?? 'REQUEST.INVALID';
}

const TITLES: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  409: 'Conflict',
  413: 'Content Too Large',
  414: 'URI Too Long',
  415: 'Unsupported Media Type',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
};

/** The name of a status, as RFC 9110 has it. */
export function titleOfStatus(status: number): string {
  return TITLES[status] ?? 'Error';
}
