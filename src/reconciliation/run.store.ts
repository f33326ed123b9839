import { Inject, Injectable } from '@nestjs/common';
import type { JsonObject } from '../contracts/json.js';
import type {
  ListedChange,
  ReconciliationMode,
  ReconciliationRun,
  ReconciliationSlice,
  ReconciliationStatus,
} from '../contracts/ports/reconciliation.port.js';
import { KEY_PREFIX } from '../contracts/queues.js';
import type { Vendor } from '../contracts/vendor.js';
import { RedisClient } from '../redis/redis-client.js';

/** How far a run has come: everything before it is compared, and queued or kept to be queued. */
export interface RunPosition {
  readonly slice: number;
  readonly cursor: string | null;
  readonly seen: number;
  readonly repaired: number;
  readonly quotaUsed: number;
  /** Failures one after another at this place. */
  readonly failures: number;
}

/** What never changes of a run. */
export interface RunPlan {
  readonly id: string;
  readonly vendor: Vendor;
  readonly mode: ReconciliationMode;
  readonly since: string;
  readonly until: string;
  readonly slices: readonly ReconciliationSlice[];
  readonly startedAt: string;
}

export interface StoredRun {
  readonly plan: RunPlan;
  readonly position: RunPosition;
  readonly status: ReconciliationStatus;
  readonly endedAt: string | null;
  readonly reason: string | null;
}

const RUNS_KEY = `${KEY_PREFIX}:reconciliation:runs`;
const runKey = (id: string) => `${KEY_PREFIX}:reconciliation:run:${id}`;
const pendingKey = (id: string) => `${KEY_PREFIX}:reconciliation:run:${id}:pending`;
const missedKey = (id: string) => `${KEY_PREFIX}:reconciliation:run:${id}:missed`;
const missedByDayKey = (vendor: Vendor) => `${KEY_PREFIX}:reconciliation:missed:${vendor}`;

const DAY_MS = 86_400_000;
const KEPT_SECONDS = 90 * 86_400;
const KEPT_RUNS = 2_000;
const NAMED_IDS = 1_000;
const START: RunPosition = { slice: 0, cursor: null, seen: 0, repaired: 0, quotaUsed: 0, failures: 0 };

/**
 * Sets the status if it is one of those given. KEYS: the run. ARGV: new status, reason, end (both may be empty), then
 * the statuses it may have now.
 */
const MOVE = `
local status = redis.call('HGET', KEYS[1], 'status')
for i = 4, #ARGV do
  if status == ARGV[i] then
    redis.call('HSET', KEYS[1], 'status', ARGV[1], 'reason', ARGV[2], 'endedAt', ARGV[3])
    return 1
  end
end
return 0
`;

/**
 * Notes what was missed. KEYS: missed of the run and, where webhooks should have brought it, missed of the vendor by
 * time. ARGV: now, a week ago, seconds to keep, then change ids. Answers how many webhooks no run had missed before: a
 * slice that is repeated after a crash counts nothing twice.
 */
const NOTE_MISSED = `
local news = 0
for i = 4, #ARGV do
  redis.call('ZADD', KEYS[1], 'NX', ARGV[1], ARGV[i])
  if KEYS[2] then news = news + redis.call('ZADD', KEYS[2], 'NX', ARGV[1], ARGV[i]) end
end
redis.call('EXPIRE', KEYS[1], ARGV[3])
if KEYS[2] then redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', ARGV[2]) end
return news
`;

/** The runs in Redis: their plan, how far they have come, and what they found missing. */
@Injectable()
export class RunStore {
  constructor(@Inject(RedisClient) private readonly redis: RedisClient) {}

  async create(plan: RunPlan): Promise<void> {
    const fields = { plan: JSON.stringify(plan), position: JSON.stringify(START), status: 'waiting' };
    await this.redis
      .multi()
      .hset(runKey(plan.id), fields)
      .expire(runKey(plan.id), KEPT_SECONDS)
      .zadd(RUNS_KEY, Date.parse(plan.startedAt), plan.id)
      .zremrangebyrank(RUNS_KEY, 0, -KEPT_RUNS - 1)
      .exec();
  }

  async load(id: string): Promise<StoredRun | undefined> {
    const { plan, position, status, endedAt, reason } = await this.redis.hgetall(runKey(id));
    if (plan === undefined || position === undefined) return undefined;
    return {
      plan: JSON.parse(plan) as RunPlan,
      position: JSON.parse(position) as RunPosition,
      status: status as ReconciliationStatus,
      endedAt: textOrNull(endedAt),
      reason: textOrNull(reason),
    };
  }

  /** As the operator sees it. */
  async view(id: string): Promise<ReconciliationRun | undefined> {
    const [run, missed, missedIds] = await Promise.all([
      this.load(id),
      this.redis.zcard(missedKey(id)),
      this.redis.zrange(missedKey(id), '0', String(NAMED_IDS - 1)),
    ]);
    if (run === undefined) return undefined;
    const { plan, position, status, endedAt, reason } = run;
    const { vendor, mode, since, until, slices, startedAt } = plan;
    const { seen, repaired, quotaUsed } = position;
    const progress = { slices: slices.length, slicesDone: position.slice };
    const found = { seen, missed, missedIds, repaired, quotaUsed };
    return { id, vendor, mode, status, since, until, ...progress, ...found, startedAt, endedAt, reason };
  }

  /** The latest first. */
  async latest(limit: number): Promise<ReconciliationRun[]> {
    const ids = await this.redis.zrevrange(RUNS_KEY, 0, limit - 1);
    const runs = await Promise.all(ids.map((id) => this.view(id)));
    return runs.filter((run) => run !== undefined);
  }

  async latestStored(limit: number): Promise<StoredRun[]> {
    const ids = await this.redis.zrevrange(RUNS_KEY, 0, limit - 1);
    const runs = await Promise.all(ids.map((id) => this.load(id)));
    return runs.filter((run) => run !== undefined);
  }

  async missedThisWeek(vendor: Vendor): Promise<number> {
    return this.redis.zcount(missedByDayKey(vendor), Date.now() - 7 * DAY_MS, '+inf');
  }

  /**
   * Before they are queued.
   * @param isWebhooks whether webhooks should have brought them, so that they count for the vendor.
   * @returns how many of the vendor's webhooks are missed for the first time.
   */
  async noteMissed(
    { id, vendor }: RunPlan,
    changeIds: readonly string[],
    isWebhooks: boolean,
  ): Promise<number> {
    const now = Date.now();
    const keys = [missedKey(id), ...(isWebhooks ? [missedByDayKey(vendor)] : [])];
    const args = [...keys, now, now - 7 * DAY_MS, KEPT_SECONDS, ...changeIds];
    return Number(await this.redis.eval(NOTE_MISSED, keys.length, ...args));
  }

  async missedCount(id: string): Promise<number> {
    return this.redis.zcard(missedKey(id));
  }

  /** What was found missing and is not queued yet, the first so many. */
  async pending(id: string, limit: number): Promise<ListedChange[]> {
    const texts = await this.redis.lrange(pendingKey(id), 0, limit - 1);
    return texts.map((text) => JSON.parse(text) as ListedChange);
  }

  /** Goes on, and keeps what was found missing on the way; in one step, so that a crash loses neither. */
  async moveTo(id: string, position: RunPosition, found: readonly ListedChange[] = []): Promise<void> {
    const change = this.redis.multi().hset(runKey(id), 'position', JSON.stringify(position));
    if (found.length > 0) {
      change
        .rpush(pendingKey(id), ...found.map((listed) => JSON.stringify(listed)))
        .expire(pendingKey(id), KEPT_SECONDS);
    }
    await change.exec();
  }

  /** The first so many of the pending are queued. */
  async settle(id: string, count: number, position: RunPosition): Promise<void> {
    await this.redis
      .multi()
      .ltrim(pendingKey(id), count, -1)
      .hset(runKey(id), 'position', JSON.stringify(position))
      .exec();
  }

  /** What is pending will not be queued. */
  async forgetPending(id: string): Promise<void> {
    await this.redis.del(pendingKey(id));
  }

  /** @returns whether it had one of those statuses. */
  async become(
    id: string,
    status: ReconciliationStatus,
    from: readonly ReconciliationStatus[],
    reason = '',
  ): Promise<boolean> {
    const isEnd = status === 'done' || status === 'failed' || status === 'cancelled';
    const endedAt = isEnd ? new Date().toISOString() : '';
    return (await this.redis.eval(MOVE, 1, runKey(id), status, reason, endedAt, ...from)) === 1;
  }
}

function textOrNull(text: string | undefined): string | null {
  return text === undefined || text === '' ? null : text;
}

/** For logs. */
export function runSummary({ plan, position }: StoredRun): JsonObject {
  const { id, vendor, mode } = plan;
  const { seen, repaired, quotaUsed } = position;
  return { runId: id, vendor, mode, seen, repaired, quotaUsed };
}
