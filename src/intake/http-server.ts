import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { AppConfig } from '../config/app-config.js';
import { correlationIdOf } from './correlation-id.js';
import { answerFrameworkError, type ProblemReply } from './problem.filter.js';

/** A sender that needs longer than this for headers and body is not waited for. */
const REQUEST_TIMEOUT_MS = 10_000;
const CHECK_SLOW_SENDERS_MS = 2_000;
const MAX_PARAMETER_LENGTH = 256;

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
    requestTimeout: REQUEST_TIMEOUT_MS,
    // Node enforces the time of a request only with a time for its head that is no longer (tried).
    http: {
      requestTimeout: REQUEST_TIMEOUT_MS,
      headersTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: CHECK_SLOW_SENDERS_MS,
    },
    forceCloseConnections: 'idle',
    genReqId: (request: { headers: Record<string, string | string[] | undefined> }) =>
      correlationIdOf(request.headers),
  });
  const server = adapter.getInstance();
  server.removeAllContentTypeParsers();
  const kept = ['application/json', 'application/x-www-form-urlencoded'];
  server.addContentTypeParser(kept, { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  server.addHook('onRequest', (request, _reply, done) => {
    const encoding = request.headers['content-encoding'];
    done(encoding === undefined || encoding === 'identity' ? undefined : unsupportedEncoding());
  });
  return adapter;
}

function unsupportedEncoding(): Error {
  return Object.assign(new Error('compressed bodies are not taken'), { statusCode: 415 });
}
