import { Processor, WorkerHost } from '@nestjs/bullmq';
import { type BeforeApplicationShutdown, Inject, type OnApplicationBootstrap } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import { DelayedError, type Job, UnrecoverableError } from 'bullmq';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import type { Gauge, Histogram } from 'prom-client';
import { AppConfig } from '../config/app-config.js';
import { AppError } from '../contracts/errors.js';
import type { VendorEvent } from '../contracts/event.js';
import { EVENTS_QUEUE, PROCESS_EVENT } from '../contracts/jobs.js';
import { Notifier } from '../contracts/ports/notifier.port.js';
import { QUEUE_POLICY } from '../contracts/queues.js';
import { EventRunner, StageFailure } from './event-runner.js';
import { failureDraft } from './failure-draft.js';
import type { StageName } from './pipeline.flow.js';
import { retryDelayMs } from './retry-delay.js';

const { lockMs, stalledCheckMs, maxStalls } = QUEUE_POLICY[EVENTS_QUEUE];

interface Checkpoint {
  readonly doneUntil: StageName;
}

/**
 * Takes events off the queue and runs them; owns retry. The last finished stage is kept as the job's
 * progress (its data holds the whole body and would be rewritten each time).
 */
@Processor(EVENTS_QUEUE, {
  autorun: false,
  lockDuration: lockMs,
  stalledInterval: stalledCheckMs,
  maxStalledCount: maxStalls,
})
export class EventProcessor extends WorkerHost implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    private readonly runner: EventRunner,
    private readonly config: AppConfig,
    @Inject(Notifier) private readonly notifier: Notifier,
    @InjectMetric('webhook_processing_duration_seconds')
    private readonly seconds: Histogram<'vendor' | 'kind'>,
    @InjectMetric('active_background_tasks') private readonly active: Gauge<'queue'>,
    @InjectPinoLogger(EventProcessor.name) private readonly logger: PinoLogger,
  ) {
    super();
  }

  /** Starts only now: the decorator is evaluated before the configuration is known. */
  onApplicationBootstrap(): void {
    this.worker.concurrency = this.config.eventConcurrency;
    this.worker.opts.settings = {
      backoffStrategy: (attempts) =>
        retryDelayMs(attempts, this.config.WEBHOOK_RETRY_DELAY_BASE, this.config.WEBHOOK_RETRY_DELAY_MAX),
    };
    this.worker.on('error', (error) => this.logger.warn({ reason: error.message }, 'worker.error'));
    this.worker.on('stalled', (jobId) => this.logger.warn({ jobId }, 'event.taken_up_again'));
    this.worker.run().catch((error: Error) => this.logger.error({ reason: error.message }, 'worker.stopped'));
  }

  /** Before anything closes that a running job needs: @nestjs/bullmq itself would close workers last. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.worker.close();
  }

  async process(job: Job<VendorEvent>, token?: string): Promise<void> {
    this.active.inc({ queue: EVENTS_QUEUE });
    const startedAt = performance.now();
    try {
      refuseUnknown(job);
      await this.runner.run({
        event: job.data,
        jobId: job.id ?? '',
        attempt: job.attemptsMade + 1,
        doneUntil: (job.progress as Partial<Checkpoint>).doneUntil,
        checkpoint: (stage) => job.updateProgress({ doneUntil: stage } satisfies Checkpoint),
      });
    } catch (thrown) {
      await this.actOn(thrown, job, token);
    } finally {
      const { vendor, kind } = job.data;
      this.seconds.observe({ vendor, kind }, (performance.now() - startedAt) / 1000);
      this.active.dec({ queue: EVENTS_QUEUE });
    }
  }

  /** The one place where an error's retry policy becomes BullMQ's. */
  private async actOn(thrown: unknown, job: Job<VendorEvent>, token?: string): Promise<never> {
    const error = thrown instanceof StageFailure ? thrown.error : thrown;
    if (!(error instanceof AppError)) throw thrown;
    const { retry, code } = error;
    const { eventId, correlationId } = job.data;
    const stage = thrown instanceof StageFailure ? thrown.stage : 'land';
    this.logger.warn(
      { eventId, correlationId, code, stage, attempt: job.attemptsMade + 1, reason: error.message },
      'event.attempt_failed',
    );
    if (typeof retry === 'object') {
      // A vendor's limit is waiting, not failing: moved to delayed without using up an attempt.
      await job.moveToDelayed(Date.now() + retry.afterMs, token);
      throw new DelayedError();
    }
    const isLast = retry === 'never' || job.attemptsMade + 1 >= (job.opts.attempts ?? 1);
    if (isLast) await this.notifier.publish(failureDraft(job.data, stage, error));
    if (retry === 'never') throw new UnrecoverableError(`${code}: ${error.message}`);
    throw new Error(`${code}: ${error.message}`, { cause: error });
  }
}

/** A job we do not know, or of a release we do not know, goes to the dead letters; it is never skipped. */
function refuseUnknown(job: Job<VendorEvent>): void {
  if (job.name === PROCESS_EVENT && job.data.schemaVersion === 1) return;
  throw new AppError(
    'JOB.UNKNOWN',
    `no handler for job ${job.name} with schema version ${String(job.data.schemaVersion)}`,
  );
}
