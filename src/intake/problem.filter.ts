import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Injectable } from '@nestjs/common';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import { AppError } from '../contracts/errors.js';
import { codeOfStatus, type Problem, statusOfCode, titleOfStatus } from '../contracts/problems.js';

/** What is used of a reply of Fastify. */
export interface ProblemReply {
  code(status: number): ProblemReply;
  header(name: string, value: string): ProblemReply;
  send(body: Buffer): unknown;
}

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
  const title = titleOfStatus(status);
  const problem: Problem = { type: 'about:blank', title, status, code, detail, correlationId };
  return Buffer.from(JSON.stringify(problem));
}

function describe(thrown: unknown): { status: number; code: string; detail: string } {
  if (thrown instanceof AppError) {
    const status = statusOfCode(thrown.code);
    return { status, code: thrown.code, detail: status === 500 ? 'something went wrong' : thrown.message };
  }
  const status = clientStatusOf(thrown);
  if (status === undefined) return { status: 500, code: 'INTERNAL', detail: 'something went wrong' };
  return {
    status,
    code: codeOfStatus(status),
    detail: titleOfStatus(status).toLowerCase(),
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
