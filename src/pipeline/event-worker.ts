import { WorkerHost } from '@nestjs/bullmq';
import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import type { Job } from 'bullmq';
import type { PinoLogger } from 'nestjs-pino';
import type { AppConfig } from '../config/app-config.js';
import type { VendorEvent } from '../contracts/event.js';
import type { EventQueueName } from '../contracts/jobs.js';
import { QUEUE_POLICY, type QueuePolicy } from '../contracts/queues.js';
import type { EventJobs } from './event-jobs.js';
import { retryDelayMs } from './retry-delay.js';

/** The part of a queue's policy that its worker is made with. It starts only when the configuration is known. */
export function workerOptionsFor({ lockMs, stalledCheckMs, maxStalls }: QueuePolicy) {
  return {
    autorun: false,
    lockDuration: lockMs,
    stalledInterval: stalledCheckMs,
    maxStalledCount: maxStalls,
  };
}

/** Takes the events of one queue off it, as many at once as its policy says. */
export abstract class EventWorker
  extends WorkerHost
  implements OnApplicationBootstrap, BeforeApplicationShutdown
{
  protected constructor(
    private readonly queue: EventQueueName,
    private readonly jobs: EventJobs,
    private readonly config: AppConfig,
    private readonly logger: PinoLogger,
  ) {
    super();
  }

  /** Starts only now: the decorator is evaluated before the configuration is known. */
  onApplicationBootstrap(): void {
    const { queue, config, worker } = this;
    const { concurrency } = QUEUE_POLICY[queue];
    worker.concurrency = concurrency === 'setting' ? config.eventConcurrency : concurrency;
    worker.opts.settings = {
      backoffStrategy: (attempts) =>
        retryDelayMs(attempts, config.WEBHOOK_RETRY_DELAY_BASE, config.WEBHOOK_RETRY_DELAY_MAX),
    };
    worker.on('error', (error) => this.logger.warn({ queue, reason: error.message }, 'worker.error'));
    worker.on('stalled', (jobId) => this.logger.warn({ queue, jobId }, 'event.taken_up_again'));
    worker
      .run()
      .catch((error: Error) => this.logger.error({ queue, reason: error.message }, 'worker.stopped'));
  }

  /** Before anything closes that a running job needs: @nestjs/bullmq itself would close workers last. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.worker.close();
  }

  async process(job: Job<VendorEvent>, token?: string): Promise<void> {
    await this.jobs.run({ job, queue: this.queue, token });
  }
}
