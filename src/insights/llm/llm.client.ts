import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import {
  circuitBreaker,
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  handleWhen,
  isBrokenCircuitError,
} from 'cockatiel';
import type { Counter, Gauge } from 'prom-client';
import { Agent, request } from 'undici';
import { AppConfig } from '../../config/app-config.js';
import { AppError, isCoded } from '../../contracts/errors.js';
import type { Json, JsonObject } from '../../contracts/json.js';
import { LlmPatience } from './llm-patience.js';
import { ANSWER_SCHEMA, type Messages } from './llm-prompt.js';

/** What a model wrote, and what it cost. */
export interface Completion {
  readonly text: string;
  /** Of request and answer; null where the server does not count. */
  readonly tokens: number | null;
}

/** Room for some sixty findings. */
export const MAX_ANSWER_TOKENS = 3_000;
/** A Retry-After of nothing would be a storm of requests. */
const SHORTEST_LIMITED_MS = 1_000;
const MOST_ANSWER_BYTES = 4 * 1024 * 1024;
const STATE_VALUE: Record<CircuitState, number> = {
  [CircuitState.Closed]: 0,
  [CircuitState.HalfOpen]: 1,
  [CircuitState.Open]: 2,
  [CircuitState.Isolated]: 2,
};

interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly body: JsonObject | null;
}

/**
 * Asks an OpenAI-compatible server (`POST {base}/chat/completions`, response_format json_schema; API reference of
 * OpenAI, "Create chat completion"). One that does not know response_format answers 400 and is asked without it.
 */
@Injectable()
export class LlmClient implements OnApplicationShutdown {
  private readonly agent: Agent;
  private readonly breaker: CircuitBreakerPolicy;
  private knowsSchemas = true;

  constructor(
    private readonly config: AppConfig,
    @Inject(LlmPatience) private readonly patience: LlmPatience,
    @InjectMetric('llm_calls_total') private readonly calls: Counter<'status'>,
    @InjectMetric('circuit_state') states: Gauge<'dependency'>,
  ) {
    this.agent = new Agent({
      connect: { timeout: patience.connectTimeoutMs },
      maxResponseSize: MOST_ANSWER_BYTES,
    });
    this.breaker = circuitBreaker(
      handleWhen((error) => isCoded(error, 'LLM.UNAVAILABLE') || isCoded(error, 'LLM.TIMED_OUT')),
      { breaker: new ConsecutiveBreaker(patience.failuresUntilOpen), halfOpenAfter: patience.restMs },
    );
    if (!config.hasLlm) return;
    states.set({ dependency: 'llm' }, STATE_VALUE[CircuitState.Closed]);
    this.breaker.onStateChange((state) => states.set({ dependency: 'llm' }, STATE_VALUE[state]));
  }

  async onApplicationShutdown(): Promise<void> {
    await this.agent.destroy();
  }

  /** @throws AppError `LLM.*`; its message holds nothing of what was asked or answered. */
  async complete(messages: Messages): Promise<Completion> {
    try {
      return await this.breaker.execute(() => this.asked(messages));
    } catch (error) {
      if (!isBrokenCircuitError(error)) throw error;
      const { restMs: afterMs } = this.patience;
      throw new AppError('LLM.UNAVAILABLE', 'the language model is left alone after failures', { afterMs });
    }
  }

  private async asked(messages: Messages): Promise<Completion> {
    const answer = await this.exchange(messages, this.knowsSchemas);
    if (answer.status !== 400 || !this.knowsSchemas) return this.completionOf(answer);
    const withoutSchema = await this.exchange(messages, false);
    if (withoutSchema.status === 200) this.knowsSchemas = false;
    return this.completionOf(withoutSchema);
  }

  private async exchange(messages: Messages, hasSchema: boolean): Promise<Answer> {
    const { LLM_BASE_URL, LLM_API_KEY, LLM_MODEL } = this.config;
    const format = {
      type: 'json_schema',
      json_schema: { name: 'findings', strict: true, schema: ANSWER_SCHEMA },
    };
    try {
      const response = await request(`${LLM_BASE_URL?.replace(/\/+$/, '')}/chat/completions`, {
        method: 'POST',
        dispatcher: this.agent,
        signal: AbortSignal.timeout(this.patience.requestTimeoutMs),
        headers: {
          'content-type': 'application/json',
          ...(LLM_API_KEY !== undefined && { authorization: `Bearer ${LLM_API_KEY}` }),
        },
        body: JSON.stringify({
          model: LLM_MODEL,
          messages,
          temperature: 0,
          max_tokens: MAX_ANSWER_TOKENS,
          ...(hasSchema && { response_format: format }),
        }),
      });
      const text = await response.body.text();
      this.calls.inc({ status: String(response.statusCode) });
      const { 'retry-after': retryAfter } = response.headers;
      return { status: response.statusCode, retryAfter: [retryAfter].flat()[0], body: objectIn(text) };
    } catch (error) {
      const isLate = (error as Error).name === 'TimeoutError';
      this.calls.inc({ status: isLate ? 'timeout' : 'network' });
      throw isLate
        ? new AppError('LLM.TIMED_OUT', 'the language model did not answer in time', 'backoff')
        : new AppError('LLM.UNAVAILABLE', 'the language model could not be reached', 'backoff', {
            cause: error,
          });
    }
  }

  private completionOf({ status, retryAfter, body }: Answer): Completion {
    if (status === 429) {
      throw new AppError('LLM.RATE_LIMITED', 'the language model was asked too often', {
        afterMs: this.limitedMs(retryAfter),
      });
    }
    if (status >= 500) {
      throw new AppError('LLM.UNAVAILABLE', `the language model answered ${status}`, 'backoff');
    }
    if (status !== 200) throw new AppError('LLM.REFUSED', `the language model answered ${status}`);
    return completionIn(body);
  }

  private limitedMs(retryAfter: string | undefined): number {
    const seconds = Number(retryAfter);
    const { limitedMs, longestLimitedMs } = this.patience;
    const isGiven = retryAfter !== undefined && Number.isFinite(seconds) && seconds >= 0;
    return Math.min(longestLimitedMs, isGiven ? Math.max(seconds * 1000, SHORTEST_LIMITED_MS) : limitedMs);
  }
}

/** @throws AppError `LLM.REFUSED` for a refusal or an answer that was cut off, `LLM.MALFORMED` for no completion. */
function completionIn(body: JsonObject | null): Completion {
  const choice = objectOf(Array.isArray(body?.choices) ? (body.choices as Json[])[0] : undefined);
  const { refusal, content } = objectOf(choice.message);
  if (typeof refusal === 'string' || choice.finish_reason === 'content_filter') {
    throw new AppError('LLM.REFUSED', 'the language model refused to answer');
  }
  if (choice.finish_reason === 'length') {
    throw new AppError('LLM.REFUSED', 'the answer of the language model was cut off');
  }
  if (typeof content !== 'string') throw malformed();
  const { total_tokens: tokens } = objectOf(body?.usage);
  return { text: content, tokens: typeof tokens === 'number' && tokens >= 0 ? Math.ceil(tokens) : null };
}

function objectOf(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

export function malformed(): AppError {
  return new AppError('LLM.MALFORMED', 'the language model did not answer in the form asked for', 'backoff');
}

function objectIn(text: string): JsonObject | null {
  try {
    const parsed = JSON.parse(text) as Json;
    return isObject(parsed) ? parsed : null;
  } catch {
    // Not JSON: judged by its status.
    return null;
  }
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
