import { LOCK_QUEUE_FULL, SESSION_EXPIRED, SESSION_GONE, type SnowflakeFailure } from './snowflake-errors.js';

/** What goes wrong with a request whose path or statement matches. */
export interface Fault {
  readonly on: RegExp;
  /** How many requests it strikes. */
  times: number;
  readonly effect:
    | { readonly type: 'status'; readonly status: number; readonly body: string }
    /** The server never answers; the connection stays open. */
    | { readonly type: 'hang' }
    /** The statement runs and commits, and then the connection breaks: the client never hears of it. */
    | { readonly type: 'reset-after-commit' }
    | { readonly type: 'malformed' }
    | { readonly type: 'failure'; readonly failure: SnowflakeFailure }
    /** The statement runs only after this time, like one that waits for a warehouse to resume. */
    | { readonly type: 'slow'; readonly ms: number };
}

const ALWAYS = Number.POSITIVE_INFINITY;

/** The faults that are set, in their order; the first that matches strikes. */
export class SnowflakeFaults {
  private faults: Fault[] = [];

  /** A busy or restarting front end. */
  unavailable(on: RegExp, times = ALWAYS): void {
    this.faults.push({ on, times, effect: { type: 'status', status: 503, body: 'Service Unavailable' } });
  }

  /** As a proxy or an ended session answers; the driver keeps believing that it is connected (facts §1, 5). */
  unauthorized(on: RegExp, times = ALWAYS): void {
    const body = JSON.stringify({
      success: false,
      code: '390104',
      message: 'User must login again',
      data: null,
    });
    this.faults.push({ on, times, effect: { type: 'status', status: 401, body } });
  }

  hang(on: RegExp, times = ALWAYS): void {
    this.faults.push({ on, times, effect: { type: 'hang' } });
  }

  resetAfterCommit(on: RegExp, times = 1): void {
    this.faults.push({ on, times, effect: { type: 'reset-after-commit' } });
  }

  malformed(on: RegExp, times = 1): void {
    this.faults.push({ on, times, effect: { type: 'malformed' } });
  }

  lockQueueFull(on: RegExp, times = 1): void {
    this.fail(on, LOCK_QUEUE_FULL, times);
  }

  sessionExpired(on: RegExp, times = 1): void {
    this.fail(on, SESSION_EXPIRED, times);
  }

  sessionGone(on: RegExp, times = 1): void {
    this.fail(on, SESSION_GONE, times);
  }

  slow(on: RegExp, ms: number, times = 1): void {
    this.faults.push({ on, times, effect: { type: 'slow', ms } });
  }

  fail(on: RegExp, failure: SnowflakeFailure, times = ALWAYS): void {
    this.faults.push({ on, times, effect: { type: 'failure', failure } });
  }

  clear(): void {
    this.faults = [];
  }

  /** The fault that strikes this request, if any; it is used up by one. */
  strike(request: string): Fault['effect'] | undefined {
    const fault = this.faults.find(({ on, times }) => times > 0 && on.test(request));
    if (fault === undefined) return undefined;
    fault.times -= 1;
    return fault.effect;
  }
}
