import { Inject, Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import { DelayedError, type Job, type Queue } from 'bullmq';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import type { Gauge, Histogram } from 'prom-client';
import { AppError } from '../contracts/errors.js';
import type { VendorEvent } from '../contracts/event.js';
import { ENRICHMENT_QUEUE, type EventQueueName, PROCESS_EVENT } from '../contracts/jobs.js';
import { Notifier } from '../contracts/ports/notifier.port.js';
import { InjectQueue } from '../redis/inject-queue.js';
import { actOnPolicy, isLastAttempt, putAside, refuseUnknownJob } from '../redis/retry-policy.js';
import type { GuardedWork } from '../redis/work-guard.js';
import { type Checkpoint, checkpointIn, withDone } from './checkpoint.js';
import { EventRunner, type RunOutcome, StageFailure } from './event-runner.js';
import { failureDraft } from './failure-draft.js';
import { ReplayState } from './replay.state.js';

/** Retries and waits that end here; what is thrown is BullMQ's word for it. */
interface Delivery {
  readonly job: Job<VendorEvent>;
  readonly queue: EventQueueName;
  /** Proof that this worker holds the job. */
  readonly token: string | undefined;
  readonly work: GuardedWork;
}

/**
 * Runs the jobs of both event queues; owns retry. What is done of an event is kept as its job's progress
 * (its data holds the whole body and would be rewritten each time).
 */
@Injectable()
export class EventJobs {
  constructor(
    private readonly runner: EventRunner,
    private readonly replays: ReplayState,
    @InjectQueue(ENRICHMENT_QUEUE) private readonly enrichment: Queue<VendorEvent>,
    @Inject(Notifier) private readonly notifier: Notifier,
    @InjectMetric('webhook_processing_duration_seconds')
    private readonly seconds: Histogram<'vendor' | 'kind'>,
    @InjectMetric('active_background_tasks') private readonly active: Gauge<'queue'>,
    @InjectPinoLogger(EventJobs.name) private readonly logger: PinoLogger,
  ) {}

  /** @throws what tells BullMQ to retry, to delay or to give up. */
  async run(delivery: Delivery): Promise<void> {
    const { job, queue } = delivery;
    this.active.inc({ queue });
    const startedAt = performance.now();
    try {
      refuseUnknownJob(job, PROCESS_EVENT);
      await this.actOn(await this.attempt(delivery), delivery);
    } catch (thrown) {
      if (thrown instanceof DelayedError) throw thrown;
      await this.actOnFailure(thrown, delivery);
    } finally {
      const { vendor, kind } = job.data;
      this.seconds.observe({ vendor, kind }, (performance.now() - startedAt) / 1000);
      this.active.dec({ queue });
    }
  }

  private attempt({ job, queue, work }: Delivery): Promise<RunOutcome> {
    return this.runner.run({
      event: job.data,
      jobId: job.id ?? '',
      attempt: job.attemptsMade + 1,
      start: job.attemptsStarted,
      checkpoint: startOf(job, queue),
      mayWaitForVendor: queue === ENRICHMENT_QUEUE,
      save: (checkpoint) => saved(checkpoint, job, work),
    });
  }

  private async actOn(outcome: RunOutcome, { job, token, work }: Delivery): Promise<void> {
    switch (outcome.type) {
      case 'done':
        return this.closeReplay(job, 'done');
      case 'hand-over':
        return this.handOver(job);
      case 'ask-again':
        // First the round, then the wait: dying in between asks again a little early.
        await saved(outcome.checkpoint, job, work);
        return putAside(job, outcome.afterMs, token);
    }
  }

  /**
   * Moves a landed event to the queue in which events wait for their vendor. Dying between this and the end
   * of the job repeats it: under the same id the queue takes it once.
   */
  private async handOver(job: Job<VendorEvent>): Promise<void> {
    const { attempts, backoff, removeOnComplete, removeOnFail, priority } = job.opts;
    await this.enrichment.add(PROCESS_EVENT, job.data, {
      ...(job.id !== undefined && { jobId: job.id }),
      attempts,
      backoff,
      removeOnComplete,
      removeOnFail,
      priority,
    });
  }

  /** Before the job ends: dying in between repeats the job, and to be told again changes nothing. */
  private async closeReplay({ data }: Job<VendorEvent>, outcome: 'done' | 'failed'): Promise<void> {
    const { replay, eventId } = data;
    if (replay?.id !== undefined) await this.replays.close(replay.id, eventId, outcome);
  }

  /** The one place where an error's retry policy becomes BullMQ's. */
  private async actOnFailure(thrown: unknown, { job, token }: Delivery): Promise<never> {
    const error = thrown instanceof StageFailure ? thrown.error : thrown;
    if (!(error instanceof AppError)) throw thrown;
    const { eventId, correlationId } = job.data;
    const stage = thrown instanceof StageFailure ? thrown.stage : 'land';
    const { code, message: reason } = error;
    this.logger.warn(
      { eventId, correlationId, code, stage, attempt: job.attemptsMade + 1, reason },
      'event.attempt_failed',
    );
    if (isLastAttempt(error, job)) {
      await this.notifier.publish(failureDraft(job.data, stage, error, replayIdFor(job.data)));
      await this.closeReplay(job, 'failed');
    }
    return actOnPolicy(error, stage, job, token);
  }
}

/** A checkpoint must not outlive what it says is done. */
async function saved(checkpoint: Checkpoint, job: Job<VendorEvent>, work: GuardedWork): Promise<void> {
  await work.settled();
  await job.updateProgress(checkpoint);
}

/** Only of a replay whose operator wants agents to hear again. */
function replayIdFor({ replay }: VendorEvent): string | undefined {
  return replay?.notify === true ? replay.id : undefined;
}

/** An event reaches the enrichment queue when it has landed. */
function startOf(job: Job<VendorEvent>, queue: EventQueueName): Checkpoint {
  const checkpoint = checkpointIn(job.progress);
  const hasLanded = queue === ENRICHMENT_QUEUE || job.data.replay?.from === 'enrich';
  return !hasLanded ? checkpoint : withDone(checkpoint, 'land', '');
}
