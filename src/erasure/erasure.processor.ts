import { Processor } from '@nestjs/bullmq';
import type { Job } from 'bullmq';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import { AppConfig } from '../config/app-config.js';
import { toAppError } from '../contracts/errors.js';
import { ERASE_PERSON, type ErasureJob, ERASURES_QUEUE } from '../contracts/jobs.js';
import { QueueWorker, workerOptionsFor } from '../redis/queue-worker.js';
import { actOnPolicy, putAside, refuseUnknownJob } from '../redis/retry-policy.js';
import { ErasureRunner } from './erasure.runner.js';
import { ErasureState } from './erasure.state.js';

/** After a fault that says nothing else. */
const FAULT_WAIT_MS = 30_000;

/** Takes erasures off their queue. One that fails waits and is tried again for ever: nobody may be half forgotten. */
@Processor(ERASURES_QUEUE, workerOptionsFor(ERASURES_QUEUE))
export class ErasureProcessor extends QueueWorker {
  constructor(
    private readonly runner: ErasureRunner,
    private readonly state: ErasureState,
    config: AppConfig,
    @InjectPinoLogger(ErasureProcessor.name) logger: PinoLogger,
  ) {
    super(ERASURES_QUEUE, config, logger);
  }

  async handle(job: Job<ErasureJob>, token?: string): Promise<void> {
    const afterMs = await this.run(job, token);
    if (afterMs !== undefined) await putAside(job, afterMs, token);
  }

  /** @returns after how many milliseconds the job is to come back, if it is not done. */
  private async run(job: Job<ErasureJob>, token?: string): Promise<number | undefined> {
    const { erasureId } = job.data;
    try {
      refuseUnknownJob(job, ERASE_PERSON);
    } catch (thrown) {
      return actOnPolicy(toAppError(thrown), null, job, token);
    }
    try {
      await this.runner.run(erasureId);
      return undefined;
    } catch (thrown) {
      const { code, message, retry } = toAppError(thrown);
      // What was not foreseen may quote what it stumbled over.
      const reason = code === 'STAGE.FAILED' ? 'an unexpected error' : message;
      this.logger.warn({ erasureId, code, reason }, 'erasure.waits');
      await this.state.noteProblem(erasureId, { code, message: reason });
      return typeof retry === 'object' ? retry.afterMs : FAULT_WAIT_MS;
    }
  }
}
