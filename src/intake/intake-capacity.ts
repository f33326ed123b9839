import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { AppConfig } from '../config/app-config.js';
import { AppError } from '../contracts/errors.js';
import { Outbox } from '../contracts/ports/outbox.port.js';

const REFRESH_MS = 250;

/**
 * Knows whether there is room for more events, without asking Redis for each request: the depth is read
 * four times a second, and what this process admits in between is added.
 */
@Injectable()
export class IntakeCapacity implements OnApplicationShutdown {
  private queue?: Queue;
  private timer?: NodeJS.Timeout;
  private depth = 0;
  private isKnown = false;
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

  /** @throws AppError `INTAKE.QUEUE_FULL` when there is no room for so many events. */
  reserve(count: number): void {
    if (this.depth + count > this.config.WEBHOOK_MAX_QUEUE_SIZE) {
      throw new AppError('INTAKE.QUEUE_FULL', 'the queue is full', { afterMs: 5_000 });
    }
    if (this.outboxBytes > this.config.OUTBOX_MAX_BYTES) {
      throw new AppError('INTAKE.QUEUE_FULL', 'too many rows wait for the warehouse', { afterMs: 30_000 });
    }
    this.depth += count;
  }

  /** Events waiting or active now; undefined when Redis does not answer. */
  async currentDepth(): Promise<number | undefined> {
    await this.refresh();
    return this.isKnown ? this.depth : undefined;
  }

  private async refresh(): Promise<void> {
    try {
      const counts = await this.queue?.getJobCounts('waiting', 'prioritized', 'active');
      this.outboxBytes = await this.outbox.waitingBytes();
      this.depth = Object.values(counts ?? {}).reduce((sum, count) => sum + count, 0);
      this.isKnown = true;
    } catch {
      this.isKnown = false;
      // Redis does not answer: the last known depth stays, and the write itself decides (503).
    }
  }
}
