import { AppError } from '../contracts/errors.js';
import type { ConnectionMark, ServerConnection } from './server-connection.js';

/** Less than a webhook may take in all: a replica that hangs is a 503, not a sender's timeout. */
const WAIT_TIMEOUT_MS = 1_000;

/**
 * Holds back what says that something was written until enough replicas have it (Redis' WAIT), so that a fail-over
 * loses nothing. WAIT speaks of the writes of its own connection, therefore
 * - it is asked on the connection that wrote;
 * - a connection that was replaced in between proves nothing (a new one has written nothing, and WAIT answers at
 *   once), so each hold compares the connection before and after;
 * - a duplicate is held too: BullMQ notes it in its event stream, and that write comes after the first one's.
 * One WAIT at a time: the writes that end meanwhile share the next.
 */
export class ReplicaBarrier {
  private current: Promise<number> = Promise.resolve(0);
  private next?: Promise<number>;

  /** @param connection what the writes go through. */
  constructor(
    private readonly connection: ServerConnection,
    private readonly replicas: number,
  ) {}

  /**
   * @returns what the write gives.
   * @throws AppError `INTAKE.UNAVAILABLE`; the write may have happened.
   */
  async hold<T>(write: () => Promise<T>): Promise<T> {
    if (this.replicas === 0) return write();
    const before = await this.connection.mark();
    const result = await write();
    await this.confirm(before);
    return result;
  }

  /**
   * Waits until what was written since is on enough replicas.
   * @throws AppError `INTAKE.UNAVAILABLE` when it is not, or nobody can say.
   */
  async confirm(since: ConnectionMark): Promise<void> {
    if (this.replicas === 0) return;
    const reached = await this.replicated();
    if (!(await this.connection.isAsAt(since))) {
      throw new AppError('INTAKE.UNAVAILABLE', 'the connection was replaced while writing', 'backoff');
    }
    if (reached < this.replicas) {
      throw new AppError('INTAKE.UNAVAILABLE', `${reached} of ${this.replicas} replicas have it`, 'backoff');
    }
  }

  private replicated(): Promise<number> {
    const ask = async () => {
      this.current = this.next ?? this.current;
      this.next = undefined;
      return (await this.connection.current()).wait(this.replicas, WAIT_TIMEOUT_MS);
    };
    // Each of those who share a failed WAIT has heard of it; the next is asked all the same.
    this.next ??= this.current.then(ask, ask);
    return this.next;
  }
}
