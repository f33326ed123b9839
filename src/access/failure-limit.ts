import { Inject, Injectable } from '@nestjs/common';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import { KEY_PREFIX } from '../contracts/queues.js';
import { RedisClient } from '../redis/redis-client.js';

/** So many wrong credentials in one window, and nothing from that address is looked at until it ends. */
const MAX_FAILURES = 20;
export const FAILURE_WINDOW_MS = 60_000;

const COUNT_FAILURE = `
local failures = redis.call('INCR', KEYS[1])
if failures == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return failures
`;

/**
 * Counts wrong credentials by address, over all replicas. Without Redis nothing is limited: who has a right
 * token must get in then of all times, and a token of 32 characters is not guessed meanwhile.
 */
@Injectable()
export class FailureLimit {
  constructor(
    @Inject(RedisClient) private readonly redis: RedisClient,
    @InjectPinoLogger(FailureLimit.name) private readonly logger: PinoLogger,
  ) {}

  /** How long this address has to wait, in milliseconds; 0 when it may try. */
  async waitMs(address: string): Promise<number> {
    return this.orWithoutLimit(async () => {
      const key = keyOf(address);
      const failures = Number((await this.redis.get(key)) ?? 0);
      return failures < MAX_FAILURES ? 0 : Math.max(1, await this.redis.pttl(key));
    });
  }

  /** Counts one; requests that came at the same time learn here that they were too many. */
  async count(address: string): Promise<{ isOverLimit: boolean }> {
    const failures = await this.orWithoutLimit(async () =>
      Number(await this.redis.eval(COUNT_FAILURE, 1, keyOf(address), FAILURE_WINDOW_MS)),
    );
    return { isOverLimit: failures > MAX_FAILURES };
  }

  private async orWithoutLimit(ask: () => Promise<number>): Promise<number> {
    try {
      return await ask();
    } catch (error) {
      this.logger.warn({ reason: (error as Error).message }, 'access.not_limited');
      return 0;
    }
  }
}

function keyOf(address: string): string {
  return `${KEY_PREFIX}:access:failures:${address}`;
}
