import { Processor } from '@nestjs/bullmq';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Job } from 'bullmq';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import type { Gauge } from 'prom-client';
import { AppConfig } from '../config/app-config.js';
import { toAppError } from '../contracts/errors.js';
import { CRM_TASKS_QUEUE, type CrmTaskJob, WRITE_TASK } from '../contracts/jobs.js';
import { QueueWorker, workerOptionsFor } from '../redis/queue-worker.js';
import { actOnPolicy, isLastAttempt, refuseUnknownJob } from '../redis/retry-policy.js';
import { CrmTaskRunner } from './crm-task.runner.js';

/** Takes tasks for the CRM off their queue; owns retry. */
@Processor(CRM_TASKS_QUEUE, workerOptionsFor(CRM_TASKS_QUEUE))
export class CrmTaskProcessor extends QueueWorker {
  constructor(
    private readonly runner: CrmTaskRunner,
    config: AppConfig,
    @InjectMetric('active_background_tasks') private readonly active: Gauge<'queue'>,
    @InjectPinoLogger(CrmTaskProcessor.name) logger: PinoLogger,
  ) {
    super(CRM_TASKS_QUEUE, config, logger);
  }

  async handle(job: Job<CrmTaskJob>, token?: string): Promise<void> {
    this.active.inc({ queue: CRM_TASKS_QUEUE });
    try {
      await this.run(job, token);
    } finally {
      this.active.dec({ queue: CRM_TASKS_QUEUE });
    }
  }

  private async run(job: Job<CrmTaskJob>, token?: string): Promise<void> {
    const attempt = { job: job.data, jobId: job.id ?? '', attempt: job.attemptsMade + 1 };
    try {
      refuseUnknownJob(job, WRITE_TASK);
      await this.runner.run(attempt);
    } catch (thrown) {
      const error = toAppError(thrown);
      const { code, message: reason } = error;
      this.logger.warn({ jobId: attempt.jobId, attempt: attempt.attempt, code, reason }, 'crm_task.failed');
      if (isLastAttempt(error, job)) await this.runner.giveUp(attempt, error);
      return actOnPolicy(error, 'assign', job, token);
    }
  }
}
