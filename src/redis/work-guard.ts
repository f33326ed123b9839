import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { AppError } from '../contracts/errors.js';
import { RedisConnections } from './redis-connections.js';
import { ReplicaBarrier } from './replica-barrier.js';
import { type ConnectionMark, ServerConnection } from './server-connection.js';

/** A fail-over takes seconds, and a job that waits uses up no attempt. */
const LOOK_AGAIN_MS = 1_000;

/** What a job writes, from its start. */
export interface GuardedWork {
  /**
   * Asked before a checkpoint is noted and before the job ends.
   * @throws AppError `REDIS.WRITES_UNSURE`: what was written since the start may be lost, and is to be written again.
   */
  settled(): Promise<void>;
}

/**
 * Lets a job end only where its writes are. In a fail-over two servers may take writes for a moment: rows or jobs that
 * one connection gave the old server are lost, while the job ends on the new one through another connection. So
 * - all connections must lead to one server, and must not have been lost since the job began: what is written and the
 *   end of the job then reach a replica in this order, or not at all;
 * - with WEBHOOK_ACK_REPLICAS so many replicas must have what was written. While they are away no job begins, because
 *   it could not end, and would write its rows again and again.
 */
@Injectable()
export class WorkGuard {
  private readonly all: readonly ServerConnection[];
  /** Of the connections that jobs write through. */
  private readonly barriers: readonly ReplicaBarrier[];

  constructor({ client, producers, workers }: RedisConnections, { WEBHOOK_ACK_REPLICAS }: AppConfig) {
    const writing = [client, producers].map((redis) => new ServerConnection(redis));
    this.barriers = writing.map((connection) => new ReplicaBarrier(connection, WEBHOOK_ACK_REPLICAS));
    this.all = [...writing, new ServerConnection(workers)];
  }

  /** @throws AppError `REDIS.WRITES_UNSURE` when this is no time to begin. */
  async begin(): Promise<GuardedWork> {
    const marks = await unsureAtFailure(() => Promise.all(this.all.map((connection) => connection.mark())));
    const settled = () => unsureAtFailure(() => this.confirm(marks));
    await settled();
    return { settled };
  }

  private async confirm(marks: readonly ConnectionMark[]): Promise<void> {
    const servers = new Set<string>();
    for (const [at, mark] of marks.entries()) {
      servers.add(await this.connection(at).server());
      if (!(await this.connection(at).isAsAt(mark))) throw new Error('a connection was replaced');
    }
    if (servers.size > 1) {
      // A demoted server keeps its connections, and says so only to those who write.
      await Promise.all(this.all.map((connection) => connection.reconnect()));
      throw new Error('the connections lead to two servers');
    }
    await Promise.all(this.barriers.map((barrier, at) => barrier.confirm(marks[at] as ConnectionMark)));
  }

  private connection(at: number): ServerConnection {
    return this.all[at] as ServerConnection;
  }
}

async function unsureAtFailure<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const reason = (error as Error).message;
    throw new AppError('REDIS.WRITES_UNSURE', reason, { afterMs: LOOK_AGAIN_MS }, { cause: error });
  }
}
