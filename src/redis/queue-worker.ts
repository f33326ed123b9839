import { WorkerHost } from '@nestjs/bullmq';
import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import type { PinoLogger } from 'nestjs-pino';
import type { AppConfig } from '../config/app-config.js';
import type { QueueName } from '../contracts/jobs.js';
import { QUEUE_POLICY } from '../contracts/queues.js';
import { retryDelayMs } from './retry-delay.js';

/** What `@Processor` makes the worker of a queue with. It starts only when the configuration is known. */
export function workerOptionsFor(queue: QueueName) {
  const { lockMs, stalledCheckMs, maxStalls } = QUEUE_POLICY[queue];
  return {
    autorun: false,
    lockDuration: lockMs,
    stalledInterval: stalledCheckMs,
    maxStalledCount: maxStalls,
  };
}

/** Takes the jobs of one queue off it, as many at once and as patiently as its policy and the configuration say. */
export abstract class QueueWorker
  extends WorkerHost
  implements OnApplicationBootstrap, BeforeApplicationShutdown
{
  protected constructor(
    protected readonly queueName: QueueName,
    private readonly config: AppConfig,
    protected readonly logger: PinoLogger,
  ) {
    super();
  }

  /** Starts only now: the decorator is evaluated before the configuration is known. */
  onApplicationBootstrap(): void | Promise<void> {
    const { queueName: queue, config, worker } = this;
    const { concurrency } = QUEUE_POLICY[queue];
    const { WEBHOOK_RETRY_DELAY_BASE: baseSeconds, WEBHOOK_RETRY_DELAY_MAX: maxSeconds } = config;
    worker.concurrency = concurrency === 'setting' ? config.eventConcurrency : concurrency;
    worker.opts.settings = { backoffStrategy: (attempts) => retryDelayMs(attempts, baseSeconds, maxSeconds) };
    worker.on('error', (error) => this.logger.warn({ queue, reason: error.message }, 'worker.error'));
    worker.on('stalled', (jobId) => this.logger.warn({ queue, jobId }, 'job.taken_up_again'));
    worker
      .run()
      .catch((error: Error) => this.logger.error({ queue, reason: error.message }, 'worker.stopped'));
  }

  /** Before anything closes that a running job needs: @nestjs/bullmq itself would close workers last. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.worker.close();
  }
}
