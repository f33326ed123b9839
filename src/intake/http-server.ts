import type { Server } from 'node:http';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { AppConfig } from '../config/app-config.js';
import { answerClientError } from './client-error.js';
import { correlationIdOf } from './correlation-id.js';
import { answerFrameworkError, type ProblemReply } from './problem.filter.js';

/** A sender that needs longer than this for headers and body is not waited for. */
const REQUEST_TIMEOUT_MS = 10_000;
const CHECK_SLOW_SENDERS_MS = 2_000;
const MAX_PARAMETER_LENGTH = 256;

/** How often a closing server looks for connections whose last answer has gone out meanwhile. */
const CLOSE_IDLE_MS = 100;

/**
 * The HTTP server: bodies of webhooks stay bytes (a signature is over bytes), the request id is the
 * correlation id, and compressed bodies are refused (nothing is unpacked before it is proven authentic).
 */
export function createHttpAdapter(config: AppConfig): FastifyAdapter {
  const adapter = new FastifyAdapter({
    bodyLimit: config.WEBHOOK_MAX_BODY_BYTES,
    trustProxy: config.TRUST_PROXY,
    // The id of a dead letter is that of its job, a hash and a UUID; Gong posts to the address as somebody typed it.
    routerOptions: { maxParamLength: MAX_PARAMETER_LENGTH, ignoreTrailingSlash: true },
    // Fastify types the body of its reply by the route's schema, and here is no route.
    frameworkErrors: (error: Error, request: { id: string }, reply: unknown) =>
      answerFrameworkError(error, request, reply as ProblemReply),
    clientErrorHandler: answerClientError,
    requestTimeout: REQUEST_TIMEOUT_MS,
    // Node enforces the time of a request only with a time for its head that is no longer (tried).
    http: {
      requestTimeout: REQUEST_TIMEOUT_MS,
      headersTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: CHECK_SLOW_SENDERS_MS,
    },
    forceCloseConnections: 'idle',
    // What arrives on an open connection while we drain can still be taken: the queue closes after the server.
    return503OnClosing: false,
    genReqId: (request: { headers: Record<string, string | string[] | undefined> }) =>
      correlationIdOf(request.headers),
  });
  const server = adapter.getInstance();
  server.removeAllContentTypeParsers();
  const kept = ['application/json', 'application/x-www-form-urlencoded'];
  server.addContentTypeParser(kept, { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  server.addHook('onRequest', (request, reply, done) => {
    // First of all, so that what is refused here has it too.
    reply.header('x-correlation-id', request.id);
    const encoding = request.headers['content-encoding'];
    const isPlain = encoding === undefined || encoding === 'identity' || request.method === 'GET';
    done(isPlain ? undefined : unsupportedEncoding());
  });
  server.addHook('preClose', (done) => {
    endConnections(server.server);
    done();
  });
  return adapter;
}

/**
 * Node closes the connections that are idle at the moment of closing. One with an answer in flight then would stay
 * as long as its client keeps it, and hold up the whole drain.
 */
function endConnections(server: Server): void {
  const idle = setInterval(() => server.closeIdleConnections(), CLOSE_IDLE_MS);
  const late = setTimeout(() => server.closeAllConnections(), REQUEST_TIMEOUT_MS);
  server.once('close', () => {
    clearInterval(idle);
    clearTimeout(late);
  });
}

function unsupportedEncoding(): Error {
  return Object.assign(new Error('compressed bodies are not taken'), { statusCode: 415 });
}
