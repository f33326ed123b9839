import { Inject, Injectable } from '@nestjs/common';
import type { Replay, ReplayOrder } from '../contracts/ports/replays.port.js';
import { KEY_PREFIX } from '../contracts/queues.js';
import { RedisClient } from '../redis/redis-client.js';

/** Not the name of the queue: its keys are `<prefix>:replays:<id of the job>`. */
const STATE_PREFIX = `${KEY_PREFIX}:replay-state`;
const ALL_KEY = `${STATE_PREFIX}:all`;
/** Kept so long after its last change, for the operator who asks what became of it. */
const KEPT_SECONDS = 90 * 86_400;

/** Where a replay is in the archive; `end` when all is queued. */
export type ReplayPosition = 'start' | 'end' | { readonly cursor: string };

export interface StoredReplay {
  readonly order: ReplayOrder;
  readonly at: string;
  readonly position: ReplayPosition;
  readonly isCancelled: boolean;
}

/**
 * What is known of replays, in Redis: for each a hash with its order, position and counts, a set of its events
 * that are not done and one of those that became dead letters. Sets, because a repeated step must not count twice.
 */
@Injectable()
export class ReplayState {
  constructor(@Inject(RedisClient) private readonly redis: RedisClient) {}

  async create(id: string, order: ReplayOrder, at: string): Promise<void> {
    const transaction = this.redis.multi();
    transaction.hset(hashKey(id), { order: JSON.stringify(order), at, queued: 0, erased: 0 });
    transaction.expire(hashKey(id), KEPT_SECONDS);
    transaction.zadd(ALL_KEY, Date.parse(at), id);
    transaction.zremrangebyscore(ALL_KEY, 0, Date.parse(at) - KEPT_SECONDS * 1000);
    allDone(await transaction.exec());
  }

  async load(id: string): Promise<StoredReplay | undefined> {
    const { order, at = '', cursor, cancelled } = await this.redis.hgetall(hashKey(id));
    if (order === undefined) return undefined;
    return {
      order: JSON.parse(order) as ReplayOrder,
      at,
      position: cursor === undefined ? 'start' : cursor === '' ? 'end' : { cursor },
      isCancelled: cancelled !== undefined,
    };
  }

  /** Before they are queued, so that none is done before it is counted as open. */
  async open(id: string, eventIds: readonly string[]): Promise<void> {
    if (eventIds.length === 0) return;
    const transaction = this.redis.multi();
    transaction.sadd(openKey(id), ...eventIds);
    transaction.expire(openKey(id), KEPT_SECONDS);
    allDone(await transaction.exec());
  }

  /** One step: where it goes on, and what was queued until there. @param cursor null at the end. */
  async advance(
    id: string,
    cursor: string | null,
    counts: { readonly queued: number; readonly erased: number },
  ): Promise<void> {
    const transaction = this.redis.multi();
    transaction.hset(hashKey(id), 'cursor', cursor ?? '');
    transaction.hincrby(hashKey(id), 'queued', counts.queued);
    transaction.hincrby(hashKey(id), 'erased', counts.erased);
    allDone(await transaction.exec());
  }

  /** One of its events is done, or has become a dead letter; to be told again changes nothing. */
  async close(id: string, eventId: string, outcome: 'done' | 'failed'): Promise<void> {
    const transaction = this.redis.multi();
    transaction.srem(openKey(id), eventId);
    if (outcome === 'failed') transaction.sadd(failedKey(id), eventId).expire(failedKey(id), KEPT_SECONDS);
    else transaction.srem(failedKey(id), eventId);
    allDone(await transaction.exec());
  }

  async cancel(id: string): Promise<boolean> {
    if ((await this.redis.exists(hashKey(id))) === 0) return false;
    await this.redis.hset(hashKey(id), 'cancelled', 1);
    return true;
  }

  async ids(limit: number): Promise<string[]> {
    return this.redis.zrevrange(ALL_KEY, 0, limit - 1);
  }

  async counts(id: string): Promise<Pick<Replay, 'queued' | 'erased' | 'open' | 'failed'>> {
    const [queued, erased] = await this.redis.hmget(hashKey(id), 'queued', 'erased');
    const [open, failed] = await Promise.all([
      this.redis.scard(openKey(id)),
      this.redis.scard(failedKey(id)),
    ]);
    return { queued: Number(queued), erased: Number(erased), open, failed };
  }
}

const hashKey = (id: string) => `${STATE_PREFIX}:${id}`;
const openKey = (id: string) => `${STATE_PREFIX}:${id}:open`;
const failedKey = (id: string) => `${STATE_PREFIX}:${id}:failed`;

/** A transaction whose command failed has done the others: the caller must know. */
function allDone(answers: [Error | null, unknown][] | null): void {
  const failure = answers?.find(([error]) => error !== null)?.[0];
  if (answers === null || failure) throw failure ?? new Error('the transaction was not run');
}
