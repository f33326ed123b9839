import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import {
  BrokenCircuitError,
  type CircuitBreakerPolicy,
  CircuitState,
  circuitBreaker,
  ConsecutiveBreaker,
  handleWhen,
} from 'cockatiel';
import type { Gauge } from 'prom-client';
import { Agent, fetch, type FormData, type RequestInit, type Response } from 'undici';
import { isCoded } from '../../contracts/errors.js';
import { type CogneeAnswer, errorOfAnswer, noAnswer } from './cognee-errors.js';
import { CogneeSession } from './cognee-session.js';
import { CogneeSettings } from './cognee-settings.js';

export interface CogneeRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** From the root, e.g. `/api/v1/add`. */
  readonly path: string;
  readonly json?: unknown;
  readonly form?: FormData;
  /** Statuses besides the successes that the caller understands. */
  readonly accepts?: readonly number[];
  /** A success is a text, and not JSON. */
  readonly isText?: boolean;
}

/** Requests at once; Cognee serialises its pipelines anyway. */
const CONNECTIONS = 8;

/** As the metric's help says. */
const CIRCUIT_VALUE: Record<CircuitState, number> = {
  [CircuitState.Closed]: 0,
  [CircuitState.HalfOpen]: 1,
  [CircuitState.Open]: 2,
  [CircuitState.Isolated]: 2,
};

/**
 * HTTP to Cognee: signs in and renews the token on a 401, gives every request a deadline, makes every
 * failure a coded error, and leaves a server alone that has not answered several times.
 */
@Injectable()
export class CogneeHttp implements OnApplicationShutdown {
  private readonly agent = new Agent({ connections: CONNECTIONS });
  private readonly circuit: CircuitBreakerPolicy;
  private readonly session: CogneeSession;

  constructor(
    @Inject(CogneeSettings) private readonly settings: CogneeSettings,
    @InjectMetric('circuit_state') circuitState: Gauge<'dependency'>,
  ) {
    this.session = new CogneeSession(settings.credentials, (path, form) => {
      return this.exchange(`POST ${path}`, path, { method: 'POST', body: form });
    });
    this.circuit = circuitBreaker(
      handleWhen((error) => isCoded(error, 'MEMORY.UNAVAILABLE')),
      { halfOpenAfter: settings.circuitPauseMs, breaker: new ConsecutiveBreaker(settings.circuitFailures) },
    );
    const show = (state: CircuitState) => circuitState.set({ dependency: 'memory' }, CIRCUIT_VALUE[state]);
    this.circuit.onStateChange(show);
    show(this.circuit.state);
  }

  /** The workers have ended by now: only the graph's builder may still wait for an answer, and needs none. */
  async onApplicationShutdown(): Promise<void> {
    await this.agent.destroy();
  }

  /**
   * Sends a request with credentials.
   * @throws AppError `MEMORY.*` for every answer but a success or an accepted status.
   */
  async send(request: CogneeRequest): Promise<CogneeAnswer> {
    try {
      return await this.circuit.execute(() => this.sendSignedIn(request));
    } catch (error) {
      if (!(error instanceof BrokenCircuitError)) throw error;
      const route = `${request.method} ${request.path}`;
      throw noAnswer(route, 'it is left alone after several outages', this.settings.circuitPauseMs);
    }
  }

  /** Sends without credentials and past the circuit breaker, for a health check. */
  ask(path: string, timeoutMs: number): Promise<CogneeAnswer> {
    return this.exchange(`GET ${path}`, path, { method: 'GET' }, { timeoutMs });
  }

  private async sendSignedIn(request: CogneeRequest): Promise<CogneeAnswer> {
    const headers = await this.session.headers();
    let answer = await this.attempt(request, headers);
    if (answer.status === 401 && (await this.session.renew(headers))) {
      answer = await this.attempt(request, await this.session.headers());
    }
    const isSuccess = answer.status < 300 || request.accepts?.includes(answer.status);
    if (!isSuccess) throw errorOfAnswer(`${request.method} ${request.path}`, answer);
    return answer;
  }

  private attempt(
    { method, path, json, form, isText }: CogneeRequest,
    headers: Readonly<Record<string, string>>,
  ): Promise<CogneeAnswer> {
    const init = {
      method,
      headers: { ...headers, ...(json !== undefined && { 'content-type': 'application/json' }) },
      ...(json !== undefined && { body: JSON.stringify(json) }),
      ...(form !== undefined && { body: form }),
    };
    return this.exchange(`${method} ${path}`, path, init, { isText });
  }

  private async exchange(
    route: string,
    path: string,
    init: RequestInit,
    { timeoutMs = this.settings.requestTimeoutMs, isText = false } = {},
  ): Promise<CogneeAnswer> {
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      const response = await fetch(this.settings.baseUrl + path, {
        ...init,
        signal,
        dispatcher: this.agent,
        redirect: 'error',
      });
      return await answerOf(response, isText);
    } catch (error) {
      throw noAnswer(route, reasonOf(error));
    }
  }
}

/** @throws when a success is not JSON: something else than Cognee has answered, or only half of it came. */
async function answerOf(response: Response, isText: boolean): Promise<CogneeAnswer> {
  const text = await response.text();
  const retryAfterSeconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return {
    status: response.status,
    body: response.ok ? (isText ? text : parsed(text || 'null')) : parsedOrNothing(text),
    ...(Number.isFinite(retryAfterSeconds) && { retryAfterSeconds }),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own words quote the body.
    throw new Error('the answer is not JSON');
  }
}

function parsedOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A proxy's page; the status says enough.
    return undefined;
  }
}

/** Why there was no answer, as a word: `ECONNREFUSED`, `TimeoutError`. */
function reasonOf(error: unknown): string {
  const { name, message, cause } = error as Partial<Error>;
  const { code } = (cause ?? {}) as { code?: unknown };
  if (typeof code === 'string') return code;
  return (name === 'Error' ? message : name) ?? 'unknown';
}
