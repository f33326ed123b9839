import type { Cluster, Redis } from 'ioredis';
import { AppError } from '../contracts/errors.js';
import { KEY_PREFIX } from '../contracts/queues.js';

/** Less than a webhook may take in all: a replica that hangs is a 503, not a sender's timeout. */
const WAIT_TIMEOUT_MS = 1_000;

/**
 * Holds an acknowledgement back until enough replicas have what it acknowledges (Redis' WAIT), so that a fail-over
 * loses nothing. WAIT speaks of the writes of its own connection, therefore
 * - it is asked on the connection that wrote;
 * - a connection that was replaced in between proves nothing (a new one has written nothing, and WAIT answers at
 *   once), so each hold compares the connection before and after;
 * - a duplicate is held too: BullMQ notes it in its event stream, and that write comes after the first one's.
 * One WAIT at a time: the writes that end meanwhile share the next.
 */
export class ReplicaBarrier {
  private readonly losses = new WeakMap<Redis, number>();
  private current: Promise<number> = Promise.resolve(0);
  private next?: Promise<number>;
  private slot?: number;

  /** @param writer the connection that the writes go through. */
  constructor(
    private readonly writer: Redis | Cluster,
    private readonly replicas: number,
  ) {}

  /**
   * @returns what the write gives.
   * @throws AppError `INTAKE.UNAVAILABLE`; the write may have happened.
   */
  async hold<T>(write: () => Promise<T>): Promise<T> {
    if (this.replicas === 0) return write();
    const connection = await this.connection();
    const lossesBefore = this.lossesOf(connection);
    const result = await write();
    const reached = await this.replicated();
    if ((await this.connection()) !== connection || this.lossesOf(connection) !== lossesBefore) {
      throw new AppError('INTAKE.UNAVAILABLE', 'the connection was replaced while writing', 'backoff');
    }
    if (reached < this.replicas) {
      throw new AppError('INTAKE.UNAVAILABLE', `${reached} of ${this.replicas} replicas have it`, 'backoff');
    }
    return result;
  }

  private replicated(): Promise<number> {
    const ask = async () => {
      this.current = this.next ?? this.current;
      this.next = undefined;
      return (await this.connection()).wait(this.replicas, WAIT_TIMEOUT_MS);
    };
    // Each of those who share a failed WAIT has heard of it; the next is asked all the same.
    this.next ??= this.current.then(ask, ask);
    return this.next;
  }

  /** The node that has our keys; WAIT has no key by which a cluster could find it. */
  private async connection(): Promise<Redis> {
    const client = this.writer;
    if (!('slots' in client)) return client;
    this.slot ??= Number(await client.cluster('KEYSLOT', KEY_PREFIX));
    const owner = client.slots[this.slot]?.[0];
    const node = client
      .nodes('master')
      .find(({ options }) => owner !== undefined && `${options.host}:${options.port}` === owner);
    if (node === undefined) {
      throw new AppError('INTAKE.UNAVAILABLE', 'the node of our keys is not known', 'backoff');
    }
    return node;
  }

  private lossesOf(connection: Redis): number {
    if (!this.losses.has(connection)) {
      this.losses.set(connection, 0);
      connection.on('close', () => this.losses.set(connection, (this.losses.get(connection) ?? 0) + 1));
    }
    return this.losses.get(connection) ?? 0;
  }
}
