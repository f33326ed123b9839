import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { RedisClient } from '../../redis/redis-client.js';
import { withRedis } from '../memory-errors.js';
import { CogneeSettings } from './cognee-settings.js';
import { RELEASE_LOCK, RENEW_LOCK } from './cognee.scripts.js';

/** A living holder renews so often in the lock's life. */
const RENEWALS = 4;
const TRY_EVERY_MS = 50;

/** Locks over all processes. They keep work from being done twice; what must hold is written with their token. */
@Injectable()
export class RedisLock {
  constructor(
    @Inject(RedisClient) private readonly redis: RedisClient,
    @Inject(CogneeSettings) private readonly settings: CogneeSettings,
  ) {}

  /**
   * Runs the work while holding the lock.
   * @param waitMs how long to wait for another holder.
   * @param work is given the lock's token, by which a script can tell whether the lock is still held.
   * @returns undefined when the lock could not be had in time.
   */
  async holding<T>(key: string, waitMs: number, work: (token: string) => Promise<T>): Promise<T | undefined> {
    const { lockMs } = this.settings;
    const token = randomUUID();
    if (!(await this.acquire(key, token, waitMs))) return undefined;
    const renewing = setInterval(() => {
      // Where renewing fails the lock runs out, and the holder's next write is refused.
      this.redis.eval(RENEW_LOCK, 1, key, token, lockMs).catch(() => undefined);
    }, lockMs / RENEWALS);
    try {
      return await work(token);
    } finally {
      clearInterval(renewing);
      // Where releasing fails the lock runs out by itself.
      await this.redis.eval(RELEASE_LOCK, 1, key, token).catch(() => undefined);
    }
  }

  private async acquire(key: string, token: string, waitMs: number): Promise<boolean> {
    const deadline = Date.now() + waitMs;
    for (;;) {
      const answer = await withRedis(() => this.redis.set(key, token, 'PX', this.settings.lockMs, 'NX'));
      if (answer === 'OK') return true;
      if (Date.now() >= deadline) return false;
      await new Promise((resolve) => setTimeout(resolve, TRY_EVERY_MS));
    }
  }
}
