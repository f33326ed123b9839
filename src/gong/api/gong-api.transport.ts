import { Inject, Injectable, type OnApplicationShutdown, Optional } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import {
  ExponentialBackoff,
  handleWhen,
  retry,
  TaskCancelledError,
  timeout,
  TimeoutStrategy,
} from 'cockatiel';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import type { Counter } from 'prom-client';
import { Agent, request } from 'undici';
import { AppConfig } from '../../config/app-config.js';
import type { Json, JsonObject } from '../../contracts/json.js';
import { isJsonObject } from '../gong-call.payload.js';
import { parseExactJson } from './exact-json.js';
import { GongApiError, gongFailure, gongUnavailable } from './gong-api.errors.js';
import { DEFAULT_TIMINGS, GongApiTimings } from './gong-api.timings.js';
import { GongBreaker } from './gong-breaker.js';
import { GongCallLog } from './gong-call-log.js';
import { type GongAccess, GongCredentials } from './gong-credentials.js';
import { GongQuotaGate, type QuotaPurpose } from './gong-quota.gate.js';

/** One request to Gong's API. */
export interface GongRequest {
  /** As metrics call it, e.g. `calls/extensive`: without ids. */
  readonly endpoint: string;
  readonly method: 'GET' | 'POST';
  /** With ids and query, after `/v2/`. */
  readonly path: string;
  readonly body?: JsonObject;
  readonly purpose: QuotaPurpose;
  /** The caller has taken the token for the first try. */
  readonly hasToken?: boolean;
  /** Told of each try that leaves, for those who must say what they used. */
  readonly onRequest?: () => void;
}

interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly text: string;
}

const KEEP_ALIVE_MS = 60_000;
const MOST_CONNECTIONS = 8;
const MOST_ANSWER_BYTES = 256 * 1024 * 1024;

/**
 * Sends requests to Gong: each one takes a token of the quota, has a deadline, goes through the circuit breaker, is
 * tried again when the fault was Gong's and short, and is counted with its outcome.
 */
@Injectable()
export class GongApiTransport implements OnApplicationShutdown {
  private readonly agent: Agent;

  constructor(
    private readonly config: AppConfig,
    private readonly credentials: GongCredentials,
    private readonly gate: GongQuotaGate,
    private readonly breaker: GongBreaker,
    private readonly log: GongCallLog,
    @InjectMetric('gong_api_calls_total') private readonly calls: Counter<'endpoint' | 'status'>,
    @InjectMetric('api_rate_limit_hits_total') private readonly limitHits: Counter<'api'>,
    @InjectPinoLogger(GongApiTransport.name) private readonly logger: PinoLogger,
    @Optional() @Inject(GongApiTimings) private readonly timings: GongApiTimings = DEFAULT_TIMINGS,
  ) {
    this.agent = new Agent({
      keepAliveTimeout: KEEP_ALIVE_MS,
      connections: MOST_CONNECTIONS,
      maxResponseSize: MOST_ANSWER_BYTES,
      connect: { timeout: timings.connectTimeoutMs },
    });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.agent.destroy();
  }

  /**
   * @returns the answer, or null for an empty result (Gong's 404 "... found").
   * @throws GongApiError, or AppError `GONG.UNAVAILABLE` when the quota cannot be read.
   */
  async send(gongRequest: GongRequest): Promise<JsonObject | null> {
    const { retries, retryPauseMs } = this.timings;
    const policy = retry(handleWhen(isWorthAnotherTry), {
      maxAttempts: retries,
      backoff: new ExponentialBackoff({ initialDelay: retryPauseMs }),
    });
    let hasToken = gongRequest.hasToken === true;
    return policy.execute(async () => {
      this.breaker.assertClosed();
      if (!hasToken) await this.takeToken(gongRequest.purpose);
      hasToken = false;
      return this.sendAs(gongRequest, await this.credentials.access());
    });
  }

  /** A token of the quota, for a caller who wants to know the moment: batches are closed at it. */
  async takeToken(purpose: QuotaPurpose, patienceMs = this.patienceMs(purpose)): Promise<void> {
    // Whatever has to be renewed is renewed before: a request that starts late lands in another's second.
    await this.credentials.access();
    await this.gate.take(purpose, patienceMs);
  }

  /** @throws AppError `GONG.UNAVAILABLE` while Gong is left alone. */
  assertAvailable(): void {
    this.breaker.assertClosed();
  }

  private patienceMs(purpose: QuotaPurpose): number {
    return purpose === 'live'
      ? this.config.WEBHOOK_BATCH_TIMEOUT * 1000
      : this.timings.reconciliationPatienceMs;
  }

  /** A token of OAuth may have been withdrawn before its time: then a new one is tried, once. */
  private async sendAs(gongRequest: GongRequest, access: GongAccess): Promise<JsonObject | null> {
    try {
      return await this.sendOnce(gongRequest, access);
    } catch (error) {
      const isRefused = error instanceof GongApiError && error.code === 'GONG.CREDENTIALS_REFUSED';
      if (!isRefused || !(await this.credentials.renew(access))) throw error;
      await this.takeToken(gongRequest.purpose);
      return this.sendOnce(gongRequest, await this.credentials.access());
    }
  }

  private async sendOnce(gongRequest: GongRequest, access: GongAccess): Promise<JsonObject | null> {
    const { endpoint, onRequest } = gongRequest;
    onRequest?.();
    try {
      const { status, body } = await this.breaker.execute(() => this.answered(gongRequest, access));
      await this.count(endpoint, String(status), '');
      return body;
    } catch (error) {
      if (error instanceof GongApiError && error.status !== 'circuit') {
        await this.count(endpoint, error.status, error.code);
        await this.actOnLimit(error);
      }
      throw error;
    }
  }

  private async answered(
    gongRequest: GongRequest,
    access: GongAccess,
  ): Promise<{ status: number; body: JsonObject | null }> {
    const { status, retryAfter, text } = await this.exchanged(gongRequest, access);
    if (status >= 200 && status < 300) return { status, body: objectFrom(text) };
    const failure = gongFailure(status, jsonOrNothing(text), retryAfter);
    if (failure !== null) throw failure;
    return { status, body: null };
  }

  private async exchanged(gongRequest: GongRequest, { authorization, baseUrl }: GongAccess): Promise<Answer> {
    const { method, path, body } = gongRequest;
    const deadline = timeout(this.timings.requestTimeoutMs, TimeoutStrategy.Aggressive);
    try {
      return await deadline.execute(async ({ signal }) => {
        const response = await request(`${baseUrl}/v2/${path}`, {
          dispatcher: this.agent,
          method,
          signal,
          headers: {
            authorization,
            accept: 'application/json',
            ...(body !== undefined && { 'content-type': 'application/json' }),
          },
          ...(body !== undefined && { body: JSON.stringify(body) }),
        });
        const { 'retry-after': retryAfter } = response.headers;
        const text = await response.body.text();
        return { status: response.statusCode, retryAfter: [retryAfter].flat()[0], text };
      });
    } catch (error) {
      // cockatiel's own isTaskCancelledError looks for the mark of another error (3.2.1).
      if (error instanceof TaskCancelledError || (error as Error).name === 'AbortError') {
        throw gongUnavailable('timeout', `no answer of Gong within ${this.timings.requestTimeoutMs} ms`);
      }
      throw gongUnavailable('network', `the connection to Gong failed (${networkCode(error)})`, error);
    }
  }

  private async count(endpoint: string, status: string, code: string): Promise<void> {
    this.calls.inc({ endpoint, status });
    await this.log.note({ endpoint, status, code });
  }

  /** One 429 speaks for all: the limit is the company's. */
  private async actOnLimit(error: GongApiError): Promise<void> {
    if (error.status !== '429' || typeof error.retry !== 'object') return;
    this.limitHits.inc({ api: 'gong' });
    try {
      await this.gate.pause(error.retry.afterMs);
    } catch (reason) {
      // The others are not told, and find out from Gong; whoever asked is told by the error itself.
      this.logger.warn({ reason: (reason as Error).message }, 'gong.pause_not_kept');
    }
  }
}

/** A failure that may be over in a moment. A request that hung has cost enough time. */
function isWorthAnotherTry(error: Error): boolean {
  if (!(error instanceof GongApiError) || error.code !== 'GONG.UNAVAILABLE') return false;
  return error.status !== 'timeout' && error.status !== 'circuit';
}

function objectFrom(text: string): JsonObject {
  const body = jsonOrNothing(text);
  if (!isJsonObject(body)) throw gongUnavailable('malformed', 'an answer of Gong is not JSON');
  return body;
}

function jsonOrNothing(text: string): Json | undefined {
  try {
    return parseExactJson(text);
  } catch {
    // Not JSON: the caller judges by the status.
    return undefined;
  }
}

function networkCode(error: unknown): string {
  const { code, name } = error as { code?: string; name?: string };
  return code ?? name ?? 'unknown';
}
