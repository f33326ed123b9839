import { Processor, WorkerHost } from '@nestjs/bullmq';
import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import type { Job } from 'bullmq';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import { AppConfig } from '../config/app-config.js';
import { AppError, toAppError } from '../contracts/errors.js';
import { REPLAY_EVENTS, type ReplayJob, REPLAYS_QUEUE } from '../contracts/jobs.js';
import { QUEUE_POLICY } from '../contracts/queues.js';
import { workerOptionsFor } from './event-worker.js';
import { ReplayRunner } from './replay.runner.js';
import { retryDelayMs } from './retry-delay.js';
import { actOnPolicy, putAside } from './retry-policy.js';

/** Takes replays off their queue; owns retry. A replay that has to wait for room gives its place to the next. */
@Processor(REPLAYS_QUEUE, workerOptionsFor(QUEUE_POLICY[REPLAYS_QUEUE]))
export class ReplayProcessor extends WorkerHost implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    private readonly runner: ReplayRunner,
    private readonly config: AppConfig,
    @InjectPinoLogger(ReplayProcessor.name) private readonly logger: PinoLogger,
  ) {
    super();
  }

  /** Starts only now: the decorator is evaluated before the configuration is known. */
  onApplicationBootstrap(): void {
    const { WEBHOOK_RETRY_DELAY_BASE: base, WEBHOOK_RETRY_DELAY_MAX: max } = this.config;
    this.worker.opts.settings = { backoffStrategy: (attempts) => retryDelayMs(attempts, base, max) };
    this.worker.on('error', (error) => this.logger.warn({ reason: error.message }, 'worker.error'));
    this.worker.on('stalled', (jobId) => this.logger.warn({ jobId }, 'replay.taken_up_again'));
    this.worker.run().catch((error: Error) => this.logger.error({ reason: error.message }, 'worker.stopped'));
  }

  /** Before anything closes that a running job needs: @nestjs/bullmq itself would close workers last. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.worker.close();
  }

  async process(job: Job<ReplayJob>, token?: string): Promise<void> {
    const afterMs = await this.run(job, token);
    if (afterMs !== undefined) await putAside(job, afterMs, token);
  }

  /** @returns after how many milliseconds the job is to come back, if it is not done. */
  private async run(job: Job<ReplayJob>, token?: string): Promise<number | undefined> {
    try {
      refuseUnknown(job);
      const step = await this.runner.run(job.data.replayId);
      return step.type === 'later' ? step.afterMs : undefined;
    } catch (thrown) {
      const error = toAppError(thrown);
      const { code, message: reason } = error;
      this.logger.warn({ replayId: job.data.replayId, code, reason }, 'replay.failed');
      return actOnPolicy(error, 'replay', job, token);
    }
  }
}

/** A job we do not know, or of a release we do not know, goes to the dead letters; it is never skipped. */
function refuseUnknown(job: Job<ReplayJob>): void {
  if (job.name === REPLAY_EVENTS && job.data.schemaVersion === 1) return;
  const { schemaVersion } = job.data;
  throw new AppError('JOB.UNKNOWN', `no handler for job ${job.name} of version ${String(schemaVersion)}`);
}
