import { SnowflakeError } from './snowflake-error.js';
import type { SnowflakeSession } from './snowflake-session.js';

/** Left before accounts with a short idle timeout (15 minutes) or a token of an hour would end them. */
const MAX_IDLE_MS = 240_000;
const MAX_AGE_MS = 3_600_000;
const SWEEP_MS = 60_000;

interface IdleSession {
  readonly session: SnowflakeSession;
  readonly since: number;
}

interface Waiter {
  readonly enter: () => void;
  readonly refuse: (error: Error) => void;
}

/**
 * Keeps logins for the next statement. snowflake-sdk's own pool loses the code of a failed login, and hands out
 * sessions that the server has ended.
 */
export class SnowflakePool {
  private readonly idle: IdleSession[] = [];
  private readonly busy = new Set<SnowflakeSession>();
  private readonly waiting: Waiter[] = [];
  /** How many are inside: logging in, or running. */
  private inside = 0;
  private isClosed = false;
  private readonly sweeper: NodeJS.Timeout;

  /** @param size most sessions at once. */
  constructor(
    private readonly logIn: () => Promise<SnowflakeSession>,
    private readonly size: number,
  ) {
    this.sweeper = setInterval(() => this.endStale(), SWEEP_MS).unref();
  }

  /**
   * Runs work with a session of its own. When the server turns out to have ended a session that lay idle, the
   * work runs once more with a new one.
   * @throws SnowflakeError
   */
  async use<T>(work: (session: SnowflakeSession) => Promise<T>): Promise<T> {
    await this.enter();
    try {
      const kept = this.takeIdle();
      if (kept === undefined) return await this.hold(await this.logIn(), work);
      try {
        return await this.hold(kept, work);
      } catch (error) {
        if (!(error instanceof SnowflakeError) || error.kind !== 'reconnect') throw error;
        return await this.hold(await this.logIn(), work);
      }
    } finally {
      this.leave();
    }
  }

  /** Lets nobody in any more and ends every session; whoever is inside gets an error. */
  async close(): Promise<void> {
    this.isClosed = true;
    clearInterval(this.sweeper);
    for (const { refuse } of this.waiting.splice(0)) refuse(closedError());
    const sessions = [...this.busy, ...this.idle.splice(0).map(({ session }) => session)];
    await Promise.all(sessions.map((session) => session.end()));
  }

  private async enter(): Promise<void> {
    if (this.isClosed) throw closedError();
    if (this.inside < this.size) {
      this.inside += 1;
      return;
    }
    // Whoever leaves hands over the place, so the count stays.
    await new Promise<void>((enter, refuse) => this.waiting.push({ enter, refuse }));
  }

  private leave(): void {
    const next = this.waiting.shift();
    if (next === undefined) this.inside -= 1;
    else next.enter();
  }

  private async hold<T>(
    session: SnowflakeSession,
    work: (session: SnowflakeSession) => Promise<T>,
  ): Promise<T> {
    this.busy.add(session);
    try {
      // Closed while it was logging in.
      if (this.isClosed) throw closedError();
      return await work(session);
    } finally {
      this.busy.delete(session);
      if (this.isClosed || !session.isUsable || isOld(session)) void session.end();
      else this.idle.push({ session, since: Date.now() });
    }
  }

  /** The one used last, so that those not needed grow old. */
  private takeIdle(): SnowflakeSession | undefined {
    this.endStale();
    return this.idle.pop()?.session;
  }

  private endStale(): void {
    const isStale = ({ session, since }: IdleSession) =>
      !session.isUsable || isOld(session) || Date.now() - since > MAX_IDLE_MS;
    for (const entry of this.idle.filter(isStale)) {
      this.idle.splice(this.idle.indexOf(entry), 1);
      void entry.session.end();
    }
  }
}

function isOld({ openedAt }: SnowflakeSession): boolean {
  return Date.now() - openedAt > MAX_AGE_MS;
}

function closedError(): SnowflakeError {
  return new SnowflakeError('retry', 'the warehouse is closed');
}
