import { Inject, Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { AppError, type ErrorCode } from '../../contracts/errors.js';
import { KEY_PREFIX } from '../../contracts/queues.js';
import { RedisClient } from '../../redis/redis-client.js';
import { withJitter, ZohoPatience } from './zoho-patience.js';

const PAUSE = `${KEY_PREFIX}:zoho:pause`;
const HITS = `${KEY_PREFIX}:zoho:limit-hits`;

const MESSAGES: Partial<Record<ErrorCode, string>> = {
  'ZOHO.RATE_LIMITED': 'Zoho has had too many requests',
  'ZOHO.CREDITS_SPENT': 'the API credits of the last 24 hours are spent',
};

/**
 * What all processes do about a 429: Zoho says neither how long to wait nor which limit was meant, so we back
 * off by ourselves, twice as long each time, and together.
 */
@Injectable()
export class ZohoBackoff {
  constructor(
    @Inject(RedisClient) private readonly redis: RedisClient,
    @Inject(ZohoPatience) private readonly patience: ZohoPatience,
    @InjectMetric('api_rate_limit_hits_total') private readonly hits: Counter<'api'>,
  ) {}

  /** @throws AppError while Zoho is left alone. */
  async refuseWhilePaused(): Promise<void> {
    const [code, leftMs] = await Promise.all([this.redis.get(PAUSE), this.redis.pttl(PAUSE)]);
    if (code !== null && leftMs > 0) throw limitError(code as ErrorCode, leftMs);
  }

  /** Notes a 429. @returns what to throw. */
  async limited(creditsRemaining: number | null): Promise<AppError> {
    this.hits.inc({ api: 'zoho' });
    const { rateLimitBaseMs, rateLimitMaxMs, creditsSpentMs } = this.patience;
    const areCreditsSpent = creditsRemaining !== null && creditsRemaining < 1;
    const count = await this.redis.incr(HITS);
    // Slots in flight may all be refused at once: doubling is bounded, and forgotten soon after.
    const backoffMs = Math.min(rateLimitMaxMs, rateLimitBaseMs * 2 ** Math.min(count - 1, 16));
    const waitMs = areCreditsSpent ? creditsSpentMs : backoffMs;
    const code = areCreditsSpent ? 'ZOHO.CREDITS_SPENT' : 'ZOHO.RATE_LIMITED';
    await this.redis
      .multi()
      .pexpire(HITS, 2 * rateLimitMaxMs)
      .set(PAUSE, code, 'PX', waitMs)
      .exec();
    return limitError(code, waitMs);
  }

  /** Notes an answer that no limit refused. */
  async succeeded(): Promise<void> {
    await this.redis.del(HITS);
  }
}

function limitError(code: ErrorCode, waitMs: number): AppError {
  return new AppError(code, MESSAGES[code] ?? 'Zoho is left alone for a while', {
    afterMs: withJitter(waitMs),
  });
}
