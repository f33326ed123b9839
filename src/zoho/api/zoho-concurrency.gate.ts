import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { AppConfig } from '../../config/app-config.js';
import { AppError } from '../../contracts/errors.js';
import { KEY_PREFIX } from '../../contracts/queues.js';
import { RedisClient } from '../../redis/redis-client.js';
import { withJitter, ZohoPatience } from './zoho-patience.js';

const LEASES = `${KEY_PREFIX}:zoho:slots`;
const WAITING = `${KEY_PREFIX}:zoho:waiting`;
const ALIVE = `${KEY_PREFIX}:zoho:waiting-alive`;
const POLL_MS = 25;
/** Who waits shows itself every POLL_MS; who was silent for so long is dead and leaves the line. */
const WAITER_MS = 3_000;

/**
 * Takes slots for whoever is first in line, if there are enough. Leases and waiters of processes that died
 * run out by themselves. First come, first served: else a request of five slots would wait for ever.
 * KEYS: 1 leases, 2 line, 3 signs of life
 * ARGV: 1 id, 2 slots wanted, 3 slots in all, 4 milliseconds of a lease, 5 milliseconds of a waiter
 * Returns 1 when the slots are ours.
 */
const ACQUIRE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
for _, dead in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', now)) do
  redis.call('ZREM', KEYS[2], dead)
  redis.call('ZREM', KEYS[3], dead)
end
redis.call('ZADD', KEYS[2], 'NX', now, ARGV[1])
redis.call('ZADD', KEYS[3], now + ARGV[5], ARGV[1])
if redis.call('ZRANGE', KEYS[2], 0, 0)[1] ~= ARGV[1] then return 0 end
if redis.call('ZCARD', KEYS[1]) + ARGV[2] > tonumber(ARGV[3]) then return 0 end
for slot = 1, ARGV[2] do redis.call('ZADD', KEYS[1], now + ARGV[4], ARGV[1] .. '/' .. slot) end
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[3], ARGV[1])
return 1
`;

/**
 * Bounds the requests in flight over all processes: Zoho counts them per organisation (5 to 25 by edition) and
 * answers 429 to one too many.
 */
@Injectable()
export class ZohoConcurrencyGate {
  constructor(
    @Inject(RedisClient) private readonly redis: RedisClient,
    private readonly config: AppConfig,
    @Inject(ZohoPatience) private readonly patience: ZohoPatience,
  ) {}

  /**
   * Runs something in so many slots.
   * @throws AppError `ZOHO.BUSY` when no slot became free in time.
   */
  async run<T>(slots: number, work: () => Promise<T>): Promise<T> {
    const id = randomUUID();
    await this.acquire(id, slots);
    try {
      return await work();
    } finally {
      const leases = Array.from({ length: slots }, (_item, index) => `${id}/${index + 1}`);
      // Without Redis they run out by themselves; the work itself is done.
      await this.redis.zrem(LEASES, ...leases).catch(() => undefined);
    }
  }

  private async acquire(id: string, slots: number): Promise<void> {
    const { leaseMs, slotWaitMs } = this.patience;
    const deadline = Date.now() + slotWaitMs;
    const keys = [LEASES, WAITING, ALIVE];
    const settings = [slots, this.config.ZOHO_CONCURRENCY, leaseMs, WAITER_MS];
    while ((await this.redis.eval(ACQUIRE, keys.length, ...keys, id, ...settings)) !== 1) {
      if (Date.now() > deadline) {
        await this.redis.multi().zrem(WAITING, id).zrem(ALIVE, id).exec();
        throw new AppError('ZOHO.BUSY', 'all requests that Zoho allows at once are in flight', {
          afterMs: withJitter(1_000),
        });
      }
      await pause(POLL_MS);
    }
  }
}
