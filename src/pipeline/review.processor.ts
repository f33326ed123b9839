import { Processor } from '@nestjs/bullmq';
import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import { DelayedError, type Job } from 'bullmq';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import type { Gauge } from 'prom-client';
import { AppConfig } from '../config/app-config.js';
import { type AppError, isCoded, toAppError } from '../contracts/errors.js';
import { INSIGHT_REVIEW_QUEUE, type InsightReviewJob, REVIEW_INSIGHTS } from '../contracts/jobs.js';
import { QueueWorker, workerOptionsFor } from '../redis/queue-worker.js';
import { actOnPolicy, isLastAttempt, refuseUnknownJob } from '../redis/retry-policy.js';
import { type ReviewAttempt, ReviewRunner } from './review.runner.js';

/** A limit is waited for, but not for ever: what is older is no news, and others wait behind it. */
const LONGEST_WAIT_MS = 3_600_000;

/** Takes conversations to the language model; owns retry. What fails for good is skipped, on the record. */
@Injectable()
@Processor(INSIGHT_REVIEW_QUEUE, workerOptionsFor(INSIGHT_REVIEW_QUEUE))
export class ReviewProcessor extends QueueWorker {
  constructor(
    private readonly runner: ReviewRunner,
    config: AppConfig,
    @InjectMetric('active_background_tasks') private readonly active: Gauge<'queue'>,
    @InjectPinoLogger(ReviewProcessor.name) logger: PinoLogger,
  ) {
    super(INSIGHT_REVIEW_QUEUE, config, logger);
  }

  async handle(job: Job<InsightReviewJob>, token?: string): Promise<void> {
    this.active.inc({ queue: INSIGHT_REVIEW_QUEUE });
    try {
      refuseUnknownJob(job, REVIEW_INSIGHTS);
      const { review, priority } = await this.runner.run(job.data, attemptOf(job));
      const { eventId, correlationId } = job.data.event;
      this.logger.info({ eventId, correlationId, priority, ...review }, 'insights.reviewed');
    } catch (thrown) {
      if (thrown instanceof DelayedError) throw thrown;
      await this.actOnFailure(toAppError(thrown), job, token);
    } finally {
      this.active.dec({ queue: INSIGHT_REVIEW_QUEUE });
    }
  }

  private async actOnFailure(error: AppError, job: Job<InsightReviewJob>, token?: string): Promise<void> {
    const { code, message: reason } = error;
    // A job of another release is nobody's to skip: it is kept as a dead letter.
    if (isCoded(error, 'JOB.UNKNOWN')) return actOnPolicy(error, 'review', job, token);
    const { eventId, correlationId } = job.data.event;
    this.logger.warn(
      { eventId, correlationId, code, reason, attempt: job.attemptsMade + 1 },
      'review.failed',
    );
    const isTooOld = Date.now() - job.timestamp > LONGEST_WAIT_MS;
    if (!isTooOld && !isLastAttempt(error, job)) return actOnPolicy(error, 'review', job, token);
    await this.runner.giveUp(job.data, attemptOf(job), error);
  }
}

function attemptOf(job: Job): ReviewAttempt {
  return { jobId: job.id ?? '', attempt: job.attemptsMade + 1, start: job.attemptsStarted };
}
