import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import { AppError } from '../contracts/errors.js';
import { KEY_PREFIX } from '../contracts/queues.js';
import type { Vendor } from '../contracts/vendor.js';
import { RedisClient } from '../redis/redis-client.js';

const KEY = `${KEY_PREFIX}:webhook-counters`;
/** A webhook waits for no counter: what was counted is added to Redis this often. A crash loses at most that. */
const FLUSH_MS = 1_000;

export type WebhookOutcome = 'accepted' | 'duplicate' | 'ignored' | 'rejected' | 'failed';

export interface AnsweredWebhook {
  readonly outcome: WebhookOutcome;
  /** Whether the sender was proven, whatever became of the request. */
  readonly isVerified: boolean;
  readonly vendor: Vendor;
  /** Of its events: CRM modules, or kinds of conversations. */
  readonly modules: readonly string[];
}

/**
 * Counts webhooks for `GET /webhooks/metrics`. The sums are kept in Redis, so that they survive restarts and
 * add up over processes.
 */
@Injectable()
export class WebhookCounters implements OnModuleInit, OnApplicationShutdown {
  private readonly pending = new Map<string, number>();
  private timer?: NodeJS.Timeout;

  constructor(
    @Inject(RedisClient) private readonly redis: RedisClient,
    @InjectPinoLogger(WebhookCounters.name) private readonly logger: PinoLogger,
  ) {}

  onModuleInit(): void {
    this.timer = setInterval(() => void this.flush(), FLUSH_MS);
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.flush();
  }

  /** Counts one answered request, and its events by vendor and module. */
  count({ outcome, isVerified, vendor, modules }: AnsweredWebhook): void {
    this.add('total');
    if (isVerified) this.add('verified');
    this.add(`outcome:${outcome}`);
    this.add(`vendor:${vendor}:${outcome}`);
    for (const module of modules) this.add(`module:${module}`);
  }

  /**
   * All sums by field; what this process has not yet flushed is in them.
   * @throws AppError `INTAKE.UNAVAILABLE` when Redis does not answer.
   */
  async sums(): Promise<ReadonlyMap<string, number>> {
    await this.flush();
    try {
      const stored = await this.redis.hgetall(KEY);
      return new Map(Object.entries(stored).map(([field, sum]) => [field, Number(sum)]));
    } catch (error) {
      throw new AppError('INTAKE.UNAVAILABLE', 'the counts cannot be read', 'backoff', { cause: error });
    }
  }

  private add(field: string): void {
    this.pending.set(field, (this.pending.get(field) ?? 0) + 1);
  }

  private async flush(): Promise<void> {
    if (this.pending.size === 0) return;
    const counted = [...this.pending];
    this.pending.clear();
    try {
      const transaction = this.redis.multi();
      for (const [field, count] of counted) transaction.hincrby(KEY, field, count);
      await transaction.exec();
    } catch (error) {
      for (const [field, count] of counted) this.pending.set(field, (this.pending.get(field) ?? 0) + count);
      this.logger.debug({ reason: (error as Error).message }, 'webhook_counters.not_flushed');
    }
  }
}
