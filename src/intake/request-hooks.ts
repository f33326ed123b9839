import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import type { Logger } from 'pino';
import type { Counter, Histogram } from 'prom-client';
import type { Vendor } from '../contracts/vendor.js';
import { WebhookCounters, type WebhookOutcome } from './webhook-counters.js';
import type { WebhookRequest } from './webhook-request.js';

interface AnsweredRequest extends Pick<WebhookRequest, 'id' | 'sender' | 'outcome' | 'refusedWith'> {
  readonly method: string;
  readonly url: string;
  readonly routeOptions: { readonly url?: string };
}

interface SentReply {
  readonly statusCode: number;
  readonly elapsedTime: number;
  header(name: string, value: string): unknown;
}

interface HookableServer {
  addHook(
    name: 'onRequest' | 'onResponse',
    hook: (request: AnsweredRequest, reply: SentReply, done: () => void) => void,
  ): unknown;
}

/**
 * What every webhook gets: one log line and the counts. A hook instead of interceptors and request logging, because
 * those were most of the cost of a webhook (measured).
 */
@Injectable()
export class RequestHooks {
  /**
   * Without what other lines are searched for, because this one's fields are all named here, and without nestjs-pino's
   * look for the context of a request: together a tenth of a webhook's cost (measured).
   */
  private readonly lines: Logger;

  constructor(
    @InjectMetric('webhook_requests_total') private readonly requests: Counter<'endpoint' | 'status'>,
    @InjectMetric('webhook_ack_duration_seconds') private readonly ackSeconds: Histogram<'endpoint'>,
    private readonly counters: WebhookCounters,
    @InjectPinoLogger(RequestHooks.name) { logger }: PinoLogger,
  ) {
    this.lines = logger.child({ context: RequestHooks.name }, { redact: [] });
  }

  /**
   * Adds the hooks to the Fastify server, before it listens.
   * @param isLeaving whether the process is about to end: clients are then asked to connect anew, elsewhere.
   */
  install(server: HookableServer, isLeaving: () => boolean): void {
    server.addHook('onRequest', (_request, reply, done) => {
      if (isLeaving()) reply.header('connection', 'close');
      done();
    });
    server.addHook('onResponse', (request, reply, done) => {
      if (isWebhook(request)) this.record(request, reply);
      done();
    });
  }

  private record(request: AnsweredRequest, reply: SentReply): void {
    const { id: correlationId, outcome, refusedWith: code } = request;
    const endpoint = request.routeOptions.url ?? 'unknown';
    this.requests.inc({ endpoint, status: String(reply.statusCode) });
    this.ackSeconds.observe({ endpoint }, reply.elapsedTime / 1000);
    const result = outcome?.status ?? outcomeOf(reply.statusCode);
    const vendor = vendorOf(endpoint);
    if (vendor !== undefined) {
      const isVerified = request.sender !== undefined;
      this.counters.count({ outcome: result, isVerified, vendor, modules: outcome?.modules ?? [] });
    }
    const milliseconds = Math.round(reply.elapsedTime * 10) / 10;
    this.lines.info(
      { endpoint, status: reply.statusCode, milliseconds, correlationId, code, eventIds: outcome?.eventIds },
      `webhook.${result}`,
    );
  }
}

/** Without an outcome the request was refused, or we could not take it. */
function outcomeOf(status: number): WebhookOutcome {
  return status >= 500 ? 'failed' : 'rejected';
}

/** An address that is none of our routes belongs to no vendor. */
function vendorOf(endpoint: string): Vendor | undefined {
  if (endpoint.startsWith('/webhook/gong/')) return 'gong';
  return endpoint.startsWith('/webhooks/zoho') ? 'zoho' : undefined;
}

function isWebhook(request: AnsweredRequest): boolean {
  return request.method === 'POST' && request.url.startsWith('/webhook');
}
