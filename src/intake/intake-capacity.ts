import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { AppConfig } from '../config/app-config.js';
import { AppError } from '../contracts/errors.js';
import { Outbox } from '../contracts/ports/outbox.port.js';

const REFRESH_MS = 250;

/**
 * Knows whether events can be taken, without asking Redis for each request: the depth is read four times a
 * second, and what this process admits in between is added. While Redis does not answer nothing is written to it,
 * so that a frozen Redis makes no heap of commands that wait for it in our memory.
 */
@Injectable()
export class IntakeCapacity implements OnApplicationShutdown {
  private queue?: Queue;
  private timer?: NodeJS.Timeout;
  private refreshing?: Promise<void>;
  private doesRedisAnswer = true;
  private depth = 0;
  private outboxBytes = 0;

  constructor(
    private readonly config: AppConfig,
    @Inject(Outbox) private readonly outbox: Outbox,
  ) {}

  /** Starts watching the queue that events go to. */
  watch(queue: Queue): void {
    this.queue = queue;
    this.timer = setInterval(() => void this.refresh(), REFRESH_MS);
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /**
   * Takes room for so many events. A body with more records than there is room for is taken whole: refused, it
   * would be refused for ever.
   * @throws AppError `INTAKE.QUEUE_FULL` when there is no room, `INTAKE.UNAVAILABLE` while Redis is silent.
   */
  reserve(count: number): void {
    if (!this.doesRedisAnswer) {
      throw new AppError('INTAKE.UNAVAILABLE', 'the queue does not answer', 'backoff');
    }
    if (this.depth >= this.config.WEBHOOK_MAX_QUEUE_SIZE) {
      throw new AppError('INTAKE.QUEUE_FULL', 'the queue is full', { afterMs: 5_000 });
    }
    if (this.outboxBytes > this.config.OUTBOX_MAX_BYTES) {
      throw new AppError('INTAKE.QUEUE_FULL', 'too many rows wait for the warehouse', { afterMs: 30_000 });
    }
    this.depth += count;
  }

  /** Gives room back that was not needed: the events were duplicates, or could not be queued. */
  release(count: number): void {
    this.depth = Math.max(0, this.depth - count);
  }

  /** Events waiting or active now; undefined when Redis does not answer. */
  async currentDepth(): Promise<number | undefined> {
    await this.refresh();
    return this.doesRedisAnswer ? this.depth : undefined;
  }

  /** One question at a time: those that find one under way wait for its answer. */
  private refresh(): Promise<void> {
    this.refreshing ??= this.read().finally(() => (this.refreshing = undefined));
    return this.refreshing;
  }

  private async read(): Promise<void> {
    try {
      const counts = await this.queue?.getJobCounts('waiting', 'prioritized', 'active');
      this.outboxBytes = await this.outbox.waitingBytes();
      this.depth = Object.values(counts ?? {}).reduce((sum, count) => sum + count, 0);
      this.doesRedisAnswer = true;
    } catch {
      // Whatever the reason, the answer to webhooks is the same; each refused one is logged with its code.
      this.doesRedisAnswer = false;
    }
  }
}
