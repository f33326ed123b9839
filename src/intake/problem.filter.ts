import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Injectable } from '@nestjs/common';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import { AppError, type ErrorCode } from '../contracts/errors.js';

/** RFC 9457 problem details. `code` is stable; `detail` never holds a secret, a stack or a body. */
export interface Problem {
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly correlationId: string;
}

/** What is used of a reply of Fastify. */
export interface ProblemReply {
  code(status: number): ProblemReply;
  header(name: string, value: string): ProblemReply;
  send(body: Buffer): unknown;
}

/** Codes that belong to HTTP; every other code is ours to mend, and so a 500. */
const STATUS_OF_CODE: Partial<Record<ErrorCode, number>> = {
  'SIGNATURE.MISSING': 401,
  'SIGNATURE.INVALID': 401,
  'SIGNATURE.EXPIRED': 401,
  'SIGNATURE.WRONG_URL': 401,
  'SIGNATURE.BODY_CHANGED': 401,
  'SIGNATURE.NOT_CONFIGURED': 401,
  'PAYLOAD.NOT_JSON': 400,
  'REQUEST.UNSUPPORTED_MEDIA_TYPE': 415,
  'REQUEST.INVALID': 400,
  'REQUEST.NOT_FOUND': 404,
  'ACCESS.NOT_CONFIGURED': 403,
  'ACCESS.DENIED': 401,
  'ACCESS.FORBIDDEN': 403,
  'ACCESS.TOO_MANY_FAILURES': 429,
  'NOTIFICATIONS.STREAM_UNAVAILABLE': 503,
  'REQUEST.INVALID_CURSOR': 400,
  'RECONCILIATION.OFF': 409,
  'CHANNELS.NOT_CONFIGURED': 409,
  'CHANNELS.REFUSED': 502,
  'ZOHO.NOT_CONFIGURED': 409,
  'ZOHO.CREDENTIALS_REFUSED': 502,
  'ZOHO.FORBIDDEN': 502,
  'ZOHO.REQUEST_REFUSED': 502,
  'ZOHO.RATE_LIMITED': 503,
  'ZOHO.CREDITS_SPENT': 503,
  'ZOHO.BUSY': 503,
  'ZOHO.UNAVAILABLE': 503,
  'ZOHO.TOKEN_THROTTLED': 503,
  'ZOHO.TOKEN_UNAVAILABLE': 503,
  'GONG.RATE_LIMITED': 503,
  'GONG.UNAVAILABLE': 503,
  'WAREHOUSE.UNAVAILABLE': 503,
  'INTAKE.DISABLED': 503,
  'INTAKE.QUEUE_FULL': 503,
  'INTAKE.UNAVAILABLE': 503,
};

const TITLES: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  413: 'Content Too Large',
  414: 'URI Too Long',
  415: 'Unsupported Media Type',
  409: 'Conflict',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
};

/** Codes of errors that Fastify or Nest raise before our code runs. */
const CODE_OF_STATUS: Record<number, string> = {
  400: 'REQUEST.INVALID',
  403: 'REQUEST.FORBIDDEN',
  404: 'REQUEST.NOT_FOUND',
  405: 'REQUEST.METHOD_NOT_ALLOWED',
  413: 'REQUEST.TOO_LARGE',
  414: 'REQUEST.URI_TOO_LONG',
  415: 'REQUEST.UNSUPPORTED_MEDIA_TYPE',
  503: 'SERVICE.UNAVAILABLE',
};

const DEFAULT_RETRY_AFTER_SECONDS = 5;

/** The one place where errors become HTTP answers. */
@Catch()
@Injectable()
export class ProblemFilter implements ExceptionFilter {
  constructor(@InjectPinoLogger(ProblemFilter.name) private readonly logger: PinoLogger) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<{ id: string; refusedWith?: string }>();
    const correlationId = request.id;
    const { status, code, detail } = describe(thrown);
    request.refusedWith = code;
    if (status >= 500) this.logger.error({ code, correlationId, reason: reasonOf(thrown) }, 'request.failed');
    const reply = http
      .getResponse<ProblemReply>()
      .code(status)
      .header('content-type', 'application/problem+json');
    if (status === 503 || status === 429) reply.header('retry-after', String(retryAfterSeconds(thrown)));
    if (code === 'ACCESS.DENIED') reply.header('www-authenticate', 'Bearer realm="tributary"');
    // Bytes, because Fastify adds a charset to text, and JSON media types have none.
    reply.send(problemBytes({ status, code, detail, correlationId }));
  }
}

/**
 * Answers what Fastify refuses before there is a route, and so before Nest: an address that is none, or one with
 * too long a part.
 */
export function answerFrameworkError(error: Error, request: { id: string }, reply: ProblemReply): void {
  const { status, code, detail } = describe(error);
  reply
    .code(status)
    .header('content-type', 'application/problem+json')
    .header('x-correlation-id', request.id)
    .send(problemBytes({ status, code, detail, correlationId: request.id }));
}

function problemBytes(said: Pick<Problem, 'status' | 'code' | 'detail' | 'correlationId'>): Buffer {
  const { status, code, detail, correlationId } = said;
  const title = TITLES[status] ?? 'Error';
  const problem: Problem = { type: 'about:blank', title, status, code, detail, correlationId };
  return Buffer.from(JSON.stringify(problem));
}

function describe(thrown: unknown): { status: number; code: string; detail: string } {
  if (thrown instanceof AppError) {
    const status = STATUS_OF_CODE[thrown.code] ?? 500;
    return { status, code: thrown.code, detail: status === 500 ? 'something went wrong' : thrown.message };
  }
  const status = clientStatusOf(thrown);
  if (status === undefined) return { status: 500, code: 'INTERNAL', detail: 'something went wrong' };
  return {
    status,
    code: CODE_OF_STATUS[status] ?? 'REQUEST.INVALID',
    detail: (TITLES[status] ?? 'refused').toLowerCase(),
  };
}

/** The status of an error of Nest (HttpException) or of Fastify (`statusCode`), unless it is a 500. */
function clientStatusOf(thrown: unknown): number | undefined {
  const status =
    thrown instanceof HttpException
      ? thrown.getStatus()
      : (thrown as { statusCode?: number } | null)?.statusCode;
  return status !== undefined && status >= 400 && status !== 500 ? status : undefined;
}

function retryAfterSeconds(thrown: unknown): number {
  if (!(thrown instanceof AppError) || typeof thrown.retry !== 'object') return DEFAULT_RETRY_AFTER_SECONDS;
  return Math.ceil(thrown.retry.afterMs / 1000);
}

function reasonOf(thrown: unknown): string {
  const cause = thrown instanceof AppError ? (thrown.cause ?? thrown) : thrown;
  return cause instanceof Error ? cause.message : String(cause);
}
