import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import type { Counter, Histogram } from 'prom-client';
import { WebhookCounters, type WebhookOutcome } from './webhook-counters.js';
import type { WebhookRequest } from './webhook-request.js';

interface AnsweredRequest {
  readonly id: string;
  readonly method: string;
  readonly url: string;
  readonly routeOptions: { readonly url?: string };
  readonly outcome?: WebhookRequest['outcome'];
}

interface SentReply {
  readonly statusCode: number;
  readonly elapsedTime: number;
  header(name: string, value: string): unknown;
}

interface HookableServer {
  addHook(
    name: 'onRequest',
    hook: (request: AnsweredRequest, reply: SentReply, done: () => void) => void,
  ): unknown;
  addHook(
    name: 'onResponse',
    hook: (request: AnsweredRequest, reply: SentReply, done: () => void) => void,
  ): unknown;
}

/**
 * What every request gets: the correlation id in the answer, and for webhooks one log line and the
 * counts. A hook instead of interceptors and request logging, because those were most of the cost of a
 * webhook (measured).
 */
@Injectable()
export class RequestHooks {
  constructor(
    @InjectMetric('webhook_requests_total') private readonly requests: Counter<'endpoint' | 'status'>,
    @InjectMetric('webhook_ack_duration_seconds') private readonly ackSeconds: Histogram<'endpoint'>,
    private readonly counters: WebhookCounters,
    @InjectPinoLogger(RequestHooks.name) private readonly logger: PinoLogger,
  ) {}

  /** Adds the hooks to the Fastify server, before it listens. */
  install(server: HookableServer): void {
    server.addHook('onRequest', (request, reply, done) => {
      reply.header('x-correlation-id', request.id);
      done();
    });
    server.addHook('onResponse', (request, reply, done) => {
      if (isWebhook(request)) this.record(request, reply);
      done();
    });
  }

  private record(request: AnsweredRequest, reply: SentReply): void {
    const endpoint = request.routeOptions.url ?? 'unknown';
    this.requests.inc({ endpoint, status: String(reply.statusCode) });
    this.ackSeconds.observe({ endpoint }, reply.elapsedTime / 1000);
    const milliseconds = Math.round(reply.elapsedTime * 10) / 10;
    const { id: correlationId, outcome } = request;
    const vendor = endpoint.startsWith('/webhooks/zoho') ? 'zoho' : 'gong';
    this.counters.count(outcome?.status ?? outcomeOf(reply.statusCode), vendor, outcome?.modules ?? []);
    this.logger.info(
      { endpoint, status: reply.statusCode, milliseconds, correlationId, eventIds: outcome?.eventIds },
      `webhook.${outcome?.status ?? 'rejected'}`,
    );
  }
}

/** Without an outcome the request was refused, or we could not take it. */
function outcomeOf(status: number): WebhookOutcome {
  return status >= 500 ? 'failed' : 'rejected';
}

function isWebhook(request: AnsweredRequest): boolean {
  return request.method === 'POST' && request.url.startsWith('/webhook');
}
