import {
  type ArgumentsHost,
  BadGatewayException,
  ForbiddenException,
  NotFoundException,
} from '@nestjs/common';
import type { PinoLogger } from 'nestjs-pino';
import { AppError } from '../contracts/errors.js';
import type { Problem } from '../contracts/problems.js';
import { answerFrameworkError, ProblemFilter, type ProblemReply } from './problem.filter.js';

class Reply implements ProblemReply {
  status = 0;
  readonly headers: Record<string, string> = {};
  sent = '';

  code(status: number): this {
    this.status = status;
    return this;
  }

  header(name: string, value: string): this {
    this.headers[name] = value;
    return this;
  }

  send(body: Buffer): void {
    this.sent = body.toString();
  }

  get problem(): Problem {
    return JSON.parse(this.sent) as Problem;
  }
}

function answerTo(thrown: unknown) {
  const reply = new Reply();
  const request: { id: string; refusedWith?: string } = { id: 'correlation-1' };
  const logged: object[] = [];
  const http = { getRequest: () => request, getResponse: () => reply };
  const logger = { error: (fields: object) => logged.push(fields) } as unknown as PinoLogger;
  new ProblemFilter(logger).catch(thrown, { switchToHttp: () => http } as unknown as ArgumentsHost);
  return { reply, request, logged };
}

const SECRET = 'postgres://user:hunter2@host';

describe('ProblemFilter', () => {
  it('answers an error of ours with its code and its own words', () => {
    const { reply, request, logged } = answerTo(new AppError('SIGNATURE.EXPIRED', 'the token is too old'));
    expect(reply.status).toBe(401);
    expect(reply.headers).toEqual({ 'content-type': 'application/problem+json' });
    expect(reply.problem).toEqual({
      ...{ type: 'about:blank', title: 'Unauthorized', status: 401, code: 'SIGNATURE.EXPIRED' },
      ...{ detail: 'the token is too old', correlationId: 'correlation-1' },
    });
    expect(request.refusedWith).toBe('SIGNATURE.EXPIRED');
    expect(logged).toEqual([]);
  });

  it.each([
    ['an error that nobody foresaw', new Error(SECRET)],
    ['a text', SECRET],
    ['nothing', null],
    ['a failure of Fastify itself', Object.assign(new Error(SECRET), { statusCode: 500 })],
    ['a status that is no failure', Object.assign(new Error(SECRET), { statusCode: 204 })],
  ])('answers %s with 500 and not a word of it, and logs the reason', (_what, thrown) => {
    const { reply, logged } = answerTo(thrown);
    expect(reply.status).toBe(500);
    expect(reply.problem).toMatchObject({ code: 'INTERNAL', detail: 'something went wrong' });
    expect(reply.sent).not.toContain('hunter2');
    const reason = thrown === null ? 'null' : SECRET;
    expect(logged).toEqual([{ code: 'INTERNAL', correlationId: 'correlation-1', reason }]);
  });

  it('says nothing of an error of ours that is ours to mend, and logs what it came from', () => {
    const cause = new Error('the disk is full');
    const { reply, logged } = answerTo(new AppError('STAGE.FAILED', SECRET, 'backoff', { cause }));
    expect(reply.problem).toMatchObject({ status: 500, detail: 'something went wrong' });
    expect(reply.sent).not.toContain('hunter2');
    expect(logged).toMatchObject([{ code: 'STAGE.FAILED', reason: 'the disk is full' }]);
  });

  it.each([
    ['its own time, rounded up', { afterMs: 1_001 }, '2'],
    ['five seconds', 'backoff' as const, '5'],
  ])('asks to come back to a busy service after %s', (_what, retry, seconds) => {
    const { reply } = answerTo(new AppError('INTAKE.QUEUE_FULL', 'full', retry));
    expect(reply).toMatchObject({ status: 503, headers: { 'retry-after': seconds } });
  });

  it('asks who knocks too often to wait, and who has no token for one', () => {
    const tooMany = answerTo(new AppError('ACCESS.TOO_MANY_FAILURES', 'wait', { afterMs: 60_000 }));
    expect(tooMany.reply).toMatchObject({ status: 429, headers: { 'retry-after': '60' } });
    const denied = answerTo(new AppError('ACCESS.DENIED', 'no'));
    expect(denied.reply.headers['www-authenticate']).toBe('Bearer realm="tributary"');
  });

  it.each([
    [new NotFoundException(SECRET), 404, 'REQUEST.NOT_FOUND', 'not found'],
    [new ForbiddenException(), 403, 'REQUEST.FORBIDDEN', 'forbidden'],
    [Object.assign(new Error(SECRET), { statusCode: 413 }), 413, 'REQUEST.TOO_LARGE', 'content too large'],
    [Object.assign(new Error(SECRET), { statusCode: 418 }), 418, 'REQUEST.INVALID', 'error'],
  ])('answers what the framework refuses by its status, in our words: %s', (thrown, status, code, detail) => {
    const { reply } = answerTo(thrown);
    expect(reply.problem).toMatchObject({ status, code, detail });
    expect(reply.sent).not.toContain('hunter2');
  });

  it('logs a failure behind the framework as one', () => {
    expect(answerTo(new BadGatewayException()).logged).toMatchObject([{ correlationId: 'correlation-1' }]);
  });
});

describe('answerFrameworkError', () => {
  it('names the request, which no route has seen', () => {
    const reply = new Reply();
    const error = Object.assign(new Error(SECRET), { statusCode: 414 });
    answerFrameworkError(error, { id: 'correlation-2' }, reply);
    expect(reply.headers['x-correlation-id']).toBe('correlation-2');
    expect(reply.problem).toMatchObject({ code: 'REQUEST.URI_TOO_LONG', correlationId: 'correlation-2' });
    expect(reply.sent).not.toContain('hunter2');
  });
});
