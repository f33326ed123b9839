import { Inject, Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import {
  BrokenCircuitError,
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  ExponentialBackoff,
  handleWhen,
  TaskCancelledError,
} from 'cockatiel';
import type { Counter, Gauge } from 'prom-client';
import { AppConfig } from '../../config/app-config.js';
import { AppError, isCoded } from '../../contracts/errors.js';
import type { Json } from '../../contracts/json.js';
import { isObject, textOf } from '../zoho-values.js';
import { ZohoBackoff } from './zoho-backoff.js';
import { ZohoConcurrencyGate } from './zoho-concurrency.gate.js';
import { ZohoLastCall } from './zoho-last-call.js';
import { withJitter, ZohoPatience } from './zoho-patience.js';
import { type ZohoToken, ZohoTokenStore } from './zoho-token.store.js';
import { type HttpAnswer, type HttpRequest, ZohoTransport } from './zoho-transport.js';

export interface ZohoRequest {
  readonly method: HttpRequest['method'];
  /** After `/crm/v8/`, e.g. `Accounts/689…/Contacts`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Json;
  readonly ifModifiedSince?: Date;
  /** Epoch milliseconds after which it must not leave any more; then it is `ZOHO.BUSY`. */
  readonly leaveByMs?: number;
}

export interface ZohoAnswer {
  /** 200 to 207, or 304. */
  readonly status: number;
  /** Null for 204 (nothing there) and 304. */
  readonly body: Json;
}

const FAULTS_BEFORE_OPEN = 5;
/** The longest the circuit stays open, in waits after a fault. */
const LONGEST_OPEN_FAULTS = 12;
const CIRCUIT_VALUES: Readonly<Record<CircuitState, number>> = {
  [CircuitState.Closed]: 0,
  [CircuitState.HalfOpen]: 1,
  [CircuitState.Open]: 2,
  // Never isolated by hand; open to whoever looks.
  [CircuitState.Isolated]: 2,
};
/** What an expired or revoked token is answered with; a missing scope is a 401 too, and no new token mends it. */
const TOKEN_CODES = new Set(['INVALID_TOKEN', 'AUTHENTICATION_FAILURE']);

/**
 * Zoho CRM API v8: one request at a time through back-off, slots, circuit breaker and token. Limits and faults
 * are AppErrors that say when to come back, so that they never use up an attempt of a job.
 */
@Injectable()
export class ZohoApiClient {
  private readonly breaker;
  /** Since it was last closed. */
  private timesOpened = 0;

  constructor(
    private readonly tokens: ZohoTokenStore,
    private readonly gate: ZohoConcurrencyGate,
    private readonly backoff: ZohoBackoff,
    private readonly transport: ZohoTransport,
    private readonly config: AppConfig,
    private readonly lastCall: ZohoLastCall,
    @Inject(ZohoPatience) private readonly patience: ZohoPatience,
    @InjectMetric('zoho_api_calls_total') private readonly calls: Counter<'endpoint' | 'status'>,
    @InjectMetric('circuit_state') circuit: Gauge<'dependency'>,
  ) {
    this.breaker = circuitBreaker(
      handleWhen((error) => isCoded(error, 'ZOHO.UNAVAILABLE')),
      {
        halfOpenAfter: new ExponentialBackoff({
          initialDelay: patience.faultMs,
          maxDelay: LONGEST_OPEN_FAULTS * patience.faultMs,
        }),
        breaker: new ConsecutiveBreaker(FAULTS_BEFORE_OPEN),
      },
    );
    const note = (state: CircuitState) => {
      circuit.set({ dependency: 'zoho' }, CIRCUIT_VALUES[state]);
      if (state === CircuitState.Open) this.timesOpened += 1;
      if (state === CircuitState.Closed) this.timesOpened = 0;
    };
    this.breaker.onStateChange(note);
    note(this.breaker.state);
  }

  /**
   * @param slots what the request counts for: 1, a composite request 5.
   * @param build makes the request at the moment it can leave: what came until then can still get in.
   * @throws AppError `ZOHO.*`: a limit, a fault, or `never` for what Zoho will not do.
   */
  async send(slots: number, build: () => ZohoRequest): Promise<ZohoAnswer> {
    if (!this.config.hasZohoCredentials) {
      throw new AppError('ZOHO.NOT_CONFIGURED', 'no credentials of Zoho (ZOHO_CLIENT_ID and its companions)');
    }
    try {
      await this.backoff.refuseWhilePaused();
      const answer = await this.gate.run(slots, () => this.breaker.execute(() => this.attempt(build())));
      this.lastCall.note(null);
      return answer;
    } catch (thrown) {
      const error = this.codedError(thrown);
      this.lastCall.note(error instanceof AppError ? error.code : 'STAGE.FAILED');
      throw error;
    }
  }

  /** One request; a token that is refused is replaced once. */
  private async attempt(request: ZohoRequest): Promise<ZohoAnswer> {
    const token = await this.tokens.current();
    let answer = await this.exchange(request, token);
    if (isTokenRefused(answer)) {
      answer = await this.exchange(request, await this.tokens.insteadOf(token));
      if (isTokenRefused(answer)) {
        const afterMs = withJitter(this.patience.tokenMinAgeMs);
        throw new AppError('ZOHO.TOKEN_UNAVAILABLE', 'Zoho refuses a new token too', { afterMs });
      }
    }
    return this.understood(answer);
  }

  private async exchange(request: ZohoRequest, token: ZohoToken): Promise<HttpAnswer> {
    const { method, path, query, body, ifModifiedSince, leaveByMs = Infinity } = request;
    if (Date.now() > leaveByMs) {
      const afterMs = withJitter(this.patience.faultMs);
      throw new AppError('ZOHO.BUSY', 'the request could not leave in its time', { afterMs });
    }
    const search = query === undefined ? '' : `?${new URLSearchParams(query).toString()}`;
    const answer = await this.transport.send({
      method,
      url: `${token.apiUrl}/crm/v8/${path}${search}`,
      headers: {
        authorization: `Zoho-oauthtoken ${token.accessToken}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(ifModifiedSince !== undefined && { 'if-modified-since': toTheSecond(ifModifiedSince) }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    this.calls.inc({ endpoint: endpointOf(path), status: String(answer.status) });
    return answer;
  }

  private async understood({ status, body, creditsRemaining }: HttpAnswer): Promise<ZohoAnswer> {
    if (status === 429) throw await this.backoff.limited(creditsRemaining);
    if (status >= 500) {
      const afterMs = withJitter(this.patience.faultMs);
      throw new AppError('ZOHO.UNAVAILABLE', `Zoho answers ${status}`, { afterMs });
    }
    await this.backoff.succeeded();
    if (status < 300 || status === 304) return { status, body };
    const code = codeOf(body) ?? 'no code';
    if (status === 401 || status === 403) {
      throw new AppError('ZOHO.FORBIDDEN', `Zoho does not allow it: ${status} ${code}`);
    }
    throw new AppError('ZOHO.REQUEST_REFUSED', `Zoho refuses the request: ${status} ${code}`);
  }

  private codedError(thrown: unknown): unknown {
    if (!(thrown instanceof BrokenCircuitError || thrown instanceof TaskCancelledError)) return thrown;
    // The longer Zoho is away, the more work waits: it comes back as rarely as the circuit is tried.
    const faults = Math.min(LONGEST_OPEN_FAULTS, 2 ** Math.max(0, this.timesOpened - 1));
    const afterMs = withJitter(faults * this.patience.faultMs);
    return new AppError('ZOHO.UNAVAILABLE', 'Zoho has failed repeatedly and is left alone', { afterMs });
  }
}

function isTokenRefused({ status, body }: HttpAnswer): boolean {
  return status === 401 && TOKEN_CODES.has(codeOf(body) ?? 'INVALID_TOKEN');
}

/** Of the whole request, or of its first record where each is answered by itself. */
function codeOf(body: Json): string | null {
  if (!isObject(body)) return null;
  const [first] = Array.isArray(body.data) ? (body.data as Json[]) : [];
  return (textOf(body.code) ?? (isObject(first) ? textOf(first.code) : null))?.slice(0, 64) ?? null;
}

/** The module, or the name of the special resource: a metric label must have few values. */
function endpointOf(path: string): string {
  const [first = '', second, third] = path.split('/');
  if (first === '__composite_requests') return 'composite';
  if (first === 'actions') return 'watch';
  return third === undefined ? `${first}${second === 'deleted' ? '/deleted' : ''}` : `${first}/${third}`;
}

/** Zoho takes ISO 8601 with an offset, without milliseconds. */
function toTheSecond(date: Date): string {
  return `${date.toISOString().slice(0, 19)}+00:00`;
}
