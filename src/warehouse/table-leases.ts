import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { RedisClient } from '../redis/redis-client.js';
import { leaseKey } from './outbox-keys.js';

/** A loader that dies leaves its tables after this time; shorter than the fifteen seconds the contract allows. */
const LEASE_MS = 6_000;
const RENEW_MS = 2_000;

/** The right to load one table. Whoever acts on it names the token, so that a loader that overslept is refused. */
export interface Lease {
  readonly key: string;
  readonly token: string;
}

/** KEYS: lease. ARGV: token, milliseconds. */
const RENEW = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])`;
const RELEASE = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`;

/**
 * One loader per table over all processes: Snowflake would make the others wait in the queue of the table's
 * lock, and refuses a long one. That nothing is written twice does not rest on it, but on the keys.
 */
@Injectable()
export class TableLeases {
  constructor(@Inject(RedisClient) private readonly redis: RedisClient) {}

  /**
   * Runs work while holding the lease of this name, which is renewed meanwhile.
   * @returns false when another process holds it: then nothing was done.
   */
  async whileHeld(name: string, work: (lease: Lease) => Promise<void>): Promise<boolean> {
    const lease = { key: leaseKey(name), token: randomUUID() };
    if ((await this.redis.set(lease.key, lease.token, 'PX', LEASE_MS, 'NX')) === null) return false;
    const timer = setInterval(() => void this.renew(lease), RENEW_MS);
    try {
      await work(lease);
    } finally {
      clearInterval(timer);
      await this.release(lease);
    }
    return true;
  }

  /** A renewal that fails costs nothing but the lease: what is done under it then is refused or repeated. */
  private async renew({ key, token }: Lease): Promise<void> {
    await this.redis.eval(RENEW, 1, key, token, LEASE_MS).catch(() => undefined);
  }

  /** When Redis does not answer now, the lease ends by itself. */
  private async release({ key, token }: Lease): Promise<void> {
    await this.redis.eval(RELEASE, 1, key, token).catch(() => undefined);
  }
}
