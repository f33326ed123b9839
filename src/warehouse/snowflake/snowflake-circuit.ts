import {
  BrokenCircuitError,
  circuitBreaker,
  CircuitState as BreakerState,
  ConsecutiveBreaker,
  ExponentialBackoff,
  handleWhen,
} from 'cockatiel';
import type { CircuitState, WarehouseStatus } from '../../contracts/ports/warehouse.port.js';
import { SnowflakeError } from './snowflake-error.js';

const FAILURES_TO_OPEN = 3;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

const STATES: Record<BreakerState, CircuitState> = {
  [BreakerState.Closed]: 'closed',
  [BreakerState.HalfOpen]: 'half-open',
  [BreakerState.Open]: 'open',
  [BreakerState.Isolated]: 'open',
};

/** Stops asking a Snowflake that has failed several times in a row, and remembers why. */
export class SnowflakeCircuit {
  private readonly breaker = circuitBreaker(handleWhen(isSystemic), {
    halfOpenAfter: new ExponentialBackoff({ initialDelay: FIRST_PAUSE_MS, maxDelay: LONGEST_PAUSE_MS }),
    breaker: new ConsecutiveBreaker(FAILURES_TO_OPEN),
  });
  private problem?: WarehouseStatus['problem'];

  get status(): WarehouseStatus {
    return {
      circuit: STATES[this.breaker.state],
      ...(this.problem !== undefined && { problem: this.problem }),
    };
  }

  watch(listener: (state: CircuitState) => void): void {
    listener(this.status.circuit);
    this.breaker.onStateChange((state) => listener(STATES[state]));
  }

  /** @throws SnowflakeError; at once where the circuit is open. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    try {
      const result = await this.breaker.execute(work);
      this.problem = undefined;
      return result;
    } catch (error) {
      if (error instanceof BrokenCircuitError) {
        throw new SnowflakeError(
          'retry',
          `not asked, because it failed before: ${this.problem?.message ?? ''}`,
        );
      }
      this.remember(error as Error);
      throw error;
    }
  }

  private remember(error: Error): void {
    if (!(error instanceof SnowflakeError) || !isSystemic(error)) return;
    const since = this.problem?.since ?? new Date().toISOString();
    this.problem = { code: error.code, message: error.message, since };
  }
}

/** A row that is refused says nothing of the warehouse. */
function isSystemic(error: Error): boolean {
  return !(error instanceof SnowflakeError) || error.kind !== 'data';
}
