import { WorkerHost } from '@nestjs/bullmq';
import { type BeforeApplicationShutdown, Inject, type OnApplicationBootstrap } from '@nestjs/common';
import type { Job } from 'bullmq';
import type { PinoLogger } from 'nestjs-pino';
import type { AppConfig } from '../config/app-config.js';
import { isCoded } from '../contracts/errors.js';
import type { QueueName } from '../contracts/jobs.js';
import { QUEUE_POLICY } from '../contracts/queues.js';
import { retryDelayMs } from './retry-delay.js';
import { actOnPolicy } from './retry-policy.js';
import { type GuardedWork, WorkGuard } from './work-guard.js';

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
  /** Injected here, so that no worker can be made without it. */
  @Inject(WorkGuard) private readonly guard!: WorkGuard;

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

  /** Does a job, which ends only when what it wrote is safe. Until then it is put aside, and done again. */
  async process(job: Job, token?: string): Promise<void> {
    try {
      const work = await this.guard.begin();
      await this.handle(job, token, work);
      await work.settled();
    } catch (thrown) {
      if (!isCoded(thrown, 'REDIS.WRITES_UNSURE')) throw thrown;
      const { code, message: reason } = thrown;
      this.logger.warn({ queue: this.queueName, jobId: job.id, code, reason }, 'job.put_aside');
      await actOnPolicy(thrown, null, job, token);
    }
  }

  /**
   * Does a job. What it throws, BullMQ hears.
   * @param work for those who note a checkpoint in the job: `settled` comes before it.
   */
  abstract handle(job: Job, token: string | undefined, work: GuardedWork): Promise<void>;

  /** Before anything closes that a running job needs: @nestjs/bullmq itself would close workers last. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.worker.close();
  }
}
