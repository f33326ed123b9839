import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { AppConfig } from '../../config/app-config.js';
import { AppError } from '../../contracts/errors.js';
import { KEY_PREFIX } from '../../contracts/queues.js';
import { RedisClient } from '../../redis/redis-client.js';
import { gongRateLimited } from './gong-api.errors.js';
import { PAUSE_ALL, READ_QUOTA, TAKE_TOKEN } from './gong-quota.script.js';

/**
 * What a request is for. `reconciliation` is what nobody waits for (comparisons, backfills and what they enter,
 * replays from the archive): a tenth of the day's budget is its own, no less and no more, and it lets live requests pass.
 */
export type QuotaPurpose = 'live' | 'reconciliation';

export interface QuotaState {
  readonly budgetLeft: number;
  /** What reconciliation may still use of it. */
  readonly reconciliationLeft: number;
  /** What reconciliation may use in any 24 hours. */
  readonly reconciliationShare: number;
  /** For how long Gong has told everybody to wait. */
  readonly pausedMs: number;
}

type Refusal = 'rate' | 'paused' | 'budget' | 'share';
type Answer = { readonly isGranted: true } | { readonly isGranted: false; waitMs: number; why: Refusal };

const GATE_KEY = `${KEY_PREFIX}:gong:gate`;
const RECENT_KEY = `${KEY_PREFIX}:gong:gate:recent`;
const SPENT_KEY = `${KEY_PREFIX}:gong:budget`;

/** Gong: 3 requests a second for the whole company (its OpenAPI description). */
const GONG_PER_SECOND = 3;
/**
 * Longer than the second that Gong counts: a token is taken here, but the request arrives there, and between the
 * two are a busy process and a network.
 */
const WINDOW_MS = 1_100;
const RECONCILIATION_SHARE = 0.1;
/** Come back after this when others took every token in time. */
const CROWDED_AFTER_MS = 2_000;

const REASONS: Record<Refusal, string> = {
  rate: 'too many wait for the quota of Gong',
  paused: 'Gong has told us to wait',
  budget: 'the budget of requests to Gong is spent for today',
  share: "reconciliation's part of the budget of requests to Gong is spent for today",
};

/**
 * The quota of Gong's API, which counts for the customer's whole company and so for all our processes: evenly
 * spaced tokens, never four in a second, a daily budget, and a pause for everybody when Gong asks for one.
 */
@Injectable()
export class GongQuotaGate {
  constructor(
    @Inject(RedisClient) private readonly redis: RedisClient,
    private readonly config: AppConfig,
  ) {}

  /**
   * Waits for a token, for one request now.
   * @throws AppError `GONG.RATE_LIMITED` instead of waiting longer than `patienceMs`; its `afterMs` says how long.
   */
  async take(purpose: QuotaPurpose, patienceMs: number): Promise<void> {
    const deadline = performance.now() + patienceMs;
    for (;;) {
      const answer = await this.ask(purpose);
      if (answer.isGranted) return;
      const { waitMs, why } = answer;
      if (performance.now() + waitMs > deadline) {
        const afterMs = why === 'rate' ? Math.max(waitMs, CROWDED_AFTER_MS) : waitMs;
        throw gongRateLimited(REASONS[why], afterMs);
      }
      await sleep(waitMs);
    }
  }

  /** Nobody asks Gong for some time, in any process; survives a restart. */
  async pause(forMs: number): Promise<void> {
    await this.redis.eval(PAUSE_ALL, 1, GATE_KEY, Math.ceil(forMs));
  }

  async state(): Promise<QuotaState> {
    const { GONG_DAILY_BUDGET: budget } = this.config;
    const reconciliationShare = this.reconciliationShare();
    const answer = await this.redis.eval(READ_QUOTA, 2, GATE_KEY, SPENT_KEY, budget, reconciliationShare);
    const [budgetLeft, reconciliationLeft, pausedMs] = answer as [number, number, number];
    return { budgetLeft, reconciliationLeft, reconciliationShare, pausedMs };
  }

  private reconciliationShare(): number {
    return Math.floor(this.config.GONG_DAILY_BUDGET * RECONCILIATION_SHARE);
  }

  private async ask(purpose: QuotaPurpose): Promise<Answer> {
    const { GONG_RATE_PER_SECOND: rate, GONG_RATE_BURST: burst, GONG_DAILY_BUDGET: budget } = this.config;
    try {
      const answer = await this.redis.eval(
        TAKE_TOKEN,
        3,
        GATE_KEY,
        RECENT_KEY,
        SPENT_KEY,
        Math.ceil(1000 / rate),
        burst,
        Math.max(GONG_PER_SECOND, Math.floor(rate)),
        WINDOW_MS,
        budget,
        this.reconciliationShare(),
        purpose,
      );
      const [granted, waitMs, why] = answer as [number, number, Refusal];
      return granted === 1 ? { isGranted: true } : { isGranted: false, waitMs, why };
    } catch (cause) {
      // Without Redis nobody knows what the others ask: not asking is the only safe answer.
      const options = { cause };
      throw new AppError('GONG.UNAVAILABLE', 'the quota of Gong cannot be read', { afterMs: 2_000 }, options);
    }
  }
}
