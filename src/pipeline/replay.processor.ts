import { Processor } from '@nestjs/bullmq';
import type { Job } from 'bullmq';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import { AppConfig } from '../config/app-config.js';
import { toAppError } from '../contracts/errors.js';
import { REPLAY_EVENTS, type ReplayJob, REPLAYS_QUEUE } from '../contracts/jobs.js';
import { QueueWorker, workerOptionsFor } from '../redis/queue-worker.js';
import { actOnPolicy, putAside, refuseUnknownJob } from '../redis/retry-policy.js';
import { ReplayRunner } from './replay.runner.js';

/** Takes replays off their queue; owns retry. A replay that has to wait for room gives its place to the next. */
@Processor(REPLAYS_QUEUE, workerOptionsFor(REPLAYS_QUEUE))
export class ReplayProcessor extends QueueWorker {
  constructor(
    private readonly runner: ReplayRunner,
    config: AppConfig,
    @InjectPinoLogger(ReplayProcessor.name) logger: PinoLogger,
  ) {
    super(REPLAYS_QUEUE, config, logger);
  }

  async handle(job: Job<ReplayJob>, token?: string): Promise<void> {
    const afterMs = await this.run(job, token);
    if (afterMs !== undefined) await putAside(job, afterMs, token);
  }

  /** @returns after how many milliseconds the job is to come back, if it is not done. */
  private async run(job: Job<ReplayJob>, token?: string): Promise<number | undefined> {
    try {
      refuseUnknownJob(job, REPLAY_EVENTS);
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
