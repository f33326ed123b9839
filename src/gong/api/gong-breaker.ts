import { Inject, Injectable, Optional } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import {
  circuitBreaker,
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  ExponentialBackoff,
  handleWhen,
  type IBackoffFactory,
  isBrokenCircuitError,
} from 'cockatiel';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import type { Gauge } from 'prom-client';
import { GongApiError } from './gong-api.errors.js';
import { DEFAULT_TIMINGS, GongApiTimings } from './gong-api.timings.js';

/** Nobody asks while one request tries whether Gong is back. */
const PROBE_MS = 2_000;
const STATE_VALUE: Record<CircuitState, number> = {
  [CircuitState.Closed]: 0,
  [CircuitState.HalfOpen]: 1,
  [CircuitState.Open]: 2,
  [CircuitState.Isolated]: 2,
};

/**
 * The circuit breaker of Gong's API in this process: after failures in a row Gong is left alone, longer each time
 * that the request which tries again fails. Limits and refusals are answers, not failures.
 */
@Injectable()
export class GongBreaker {
  private readonly policy: CircuitBreakerPolicy;
  private openUntilMs = 0;

  constructor(
    @InjectMetric('circuit_state') states: Gauge<'dependency'>,
    @InjectPinoLogger(GongBreaker.name) logger: PinoLogger,
    @Optional() @Inject(GongApiTimings) { failuresUntilOpen, firstRestMs, longestRestMs } = DEFAULT_TIMINGS,
  ) {
    const rests = new ExponentialBackoff({ initialDelay: firstRestMs, maxDelay: longestRestMs });
    this.policy = circuitBreaker(
      handleWhen((error) => error instanceof GongApiError && error.code === 'GONG.UNAVAILABLE'),
      {
        breaker: new ConsecutiveBreaker(failuresUntilOpen),
        halfOpenAfter: noting(rests, (restMs) => (this.openUntilMs = Date.now() + restMs)),
      },
    );
    states.set({ dependency: 'gong' }, STATE_VALUE[CircuitState.Closed]);
    this.policy.onStateChange((state) => {
      states.set({ dependency: 'gong' }, STATE_VALUE[state]);
      logger.warn({ state: CircuitState[state], openUntilMs: this.openUntilMs }, 'gong.circuit_changed');
    });
  }

  get state(): 'closed' | 'half-open' | 'open' {
    if (this.policy.state === CircuitState.Closed) return 'closed';
    return this.policy.state === CircuitState.HalfOpen ? 'half-open' : 'open';
  }

  /** @throws AppError `GONG.UNAVAILABLE` while Gong is left alone; its `afterMs` says for how long. */
  assertClosed(): void {
    const waitMs = this.state === 'half-open' ? PROBE_MS : this.openUntilMs - Date.now();
    if (this.state !== 'closed' && waitMs > 0) throw leftAlone(waitMs);
  }

  /** Runs one request, unless Gong is left alone; then it throws as `assertClosed` does. */
  async execute<T>(request: () => Promise<T>): Promise<T> {
    this.assertClosed();
    try {
      return await this.policy.execute(request);
    } catch (error) {
      throw isBrokenCircuitError(error) ? leftAlone(PROBE_MS) : error;
    }
  }
}

function leftAlone(afterMs: number): GongApiError {
  const reason = 'Gong is left alone after repeated failures';
  return new GongApiError('GONG.UNAVAILABLE', reason, { afterMs }, 'circuit');
}

/** The same pauses, each told when it begins: cockatiel does not say how long a circuit stays open. */
function noting(pauses: IBackoffFactory<unknown>, note: (ms: number) => void): IBackoffFactory<unknown> {
  return {
    next: (context) => {
      const pause = pauses.next(context);
      note(pause.duration);
      return { duration: pause.duration, next: (after: unknown) => noting(pause, note).next(after) };
    },
  };
}
