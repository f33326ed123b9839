import { Processor } from '@nestjs/bullmq';
import { Inject } from '@nestjs/common';
import { DelayedError, type Job } from 'bullmq';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import { AppConfig } from '../config/app-config.js';
import { AppError, toAppError } from '../contracts/errors.js';
import {
  RECONCILE,
  RECONCILIATION_QUEUE,
  RENEW_CHANNELS,
  START_RUN,
  type ReconcileJob,
  type RenewChannelsJob,
  type StartRunJob,
} from '../contracts/jobs.js';
import { ZohoChannels } from '../contracts/ports/zoho-channels.port.js';
import { VENDORS } from '../contracts/vendor.js';
import { QueueWorker, workerOptionsFor } from '../redis/queue-worker.js';
import { actOnPolicy, putAside } from '../redis/retry-policy.js';
import { ReconciliationQueue } from './reconciliation.queue.js';
import { ReconciliationSchedule } from './reconciliation.schedule.js';
import { ReconciliationService } from './reconciliation.service.js';
import { ReconciliationSources } from './reconciliation-sources.js';
import { RunStepper } from './run.stepper.js';
import { RunStore, runSummary, type StoredRun } from './run.store.js';

/** After a fault that says nothing else, and so often before a run is given up. */
const FAULT_WAIT_MS = 30_000;
const MOST_FAILURES = 20;

type Chore = Job<StartRunJob | ReconcileJob | RenewChannelsJob>;

/**
 * Does the comparisons and the upkeep of channels. A run's job does one page and goes back to the queue: so it can be
 * paused, a stopping process waits for a page at most, and a killed one loses a page at most.
 */
@Processor(RECONCILIATION_QUEUE, workerOptionsFor(RECONCILIATION_QUEUE))
export class ReconciliationProcessor extends QueueWorker {
  constructor(
    private readonly service: ReconciliationService,
    private readonly sources: ReconciliationSources,
    private readonly stepper: RunStepper,
    private readonly store: RunStore,
    private readonly queue: ReconciliationQueue,
    private readonly schedule: ReconciliationSchedule,
    @Inject(ZohoChannels) private readonly channels: ZohoChannels,
    config: AppConfig,
    @InjectPinoLogger(ReconciliationProcessor.name) logger: PinoLogger,
  ) {
    super(RECONCILIATION_QUEUE, config, logger);
  }

  override async onApplicationBootstrap(): Promise<void> {
    await super.onApplicationBootstrap();
    for (const vendor of VENDORS) {
      const reason = this.sources.of(vendor).offBecause();
      if (reason !== null) this.logger.info({ vendor, reason }, 'reconciliation.off');
    }
    await this.schedule.write();
    await this.queue.renewChannels();
    await this.service.takeUpAgain();
  }

  async handle(job: Chore, token?: string): Promise<void> {
    try {
      await this.act(job, token);
    } catch (thrown) {
      if (thrown instanceof DelayedError) throw thrown;
      const error = toAppError(thrown);
      const { code, message: reason } = error;
      this.logger.error({ job: job.name, code, reason }, 'reconciliation.job_failed');
      await actOnPolicy(error, null, job, token);
    }
  }

  private async act(job: Chore, token?: string): Promise<void> {
    if (job.data.schemaVersion === 1) {
      if (job.name === START_RUN && 'vendor' in job.data) return this.startRun(job.data);
      if (job.name === RECONCILE && 'runId' in job.data) return this.reconcile(job, job.data.runId, token);
      if (job.name === RENEW_CHANNELS) return this.renewChannels();
    }
    throw new AppError('JOB.UNKNOWN', `no handler for job ${job.name}`);
  }

  private async startRun({ vendor, mode }: StartRunJob): Promise<void> {
    const run = await this.service.startScheduled(vendor, mode);
    if (run !== undefined) this.logger.info({ vendor, mode, runId: run.id }, 'reconciliation.started');
  }

  private async reconcile(job: Chore, runId: string, token?: string): Promise<void> {
    const isWanted = await this.store.become(runId, 'running', ['waiting', 'running']);
    const run = isWanted ? await this.store.load(runId) : undefined;
    if (run === undefined) return;
    const afterMs = await this.step(run);
    if (afterMs !== null) await putAside(job, afterMs, token);
  }

  /** @returns when to go on, in milliseconds; null at the end. */
  private async step(run: StoredRun): Promise<number | null> {
    const { id } = run.plan;
    try {
      if (!(await this.stepper.step(run))) return 0;
      await this.store.become(id, 'done', ['running']);
      const ended = await this.store.load(id);
      this.logger.info(runSummary(ended ?? run), 'reconciliation.done');
      return null;
    } catch (thrown) {
      return this.afterFailure(run, toAppError(thrown));
    }
  }

  private async afterFailure({ plan, position }: StoredRun, error: AppError): Promise<number | null> {
    const { code, message, retry } = error;
    const reason = `${code}: ${message}`;
    // A backfill meets the limit of the queue at every turn.
    const level = code === 'INTAKE.QUEUE_FULL' ? 'debug' : 'warn';
    this.logger[level](
      { runId: plan.id, vendor: plan.vendor, code, reason: message },
      'reconciliation.waits',
    );
    if (typeof retry === 'object') {
      await this.store.become(plan.id, 'running', ['running'], reason);
      return retry.afterMs;
    }
    const failures = position.failures + 1;
    await this.store.moveTo(plan.id, { ...position, failures });
    if (retry === 'never' || failures >= MOST_FAILURES) {
      await this.store.become(plan.id, 'failed', ['running'], reason);
      return null;
    }
    await this.store.become(plan.id, 'running', ['running'], reason);
    return FAULT_WAIT_MS;
  }

  private async renewChannels(): Promise<void> {
    const { renewed, failed } = await this.channels.renewDue();
    if (renewed.length > 0) this.logger.info({ channels: renewed }, 'zoho.channels_renewed');
    if (failed.length === 0) return;
    const reasons = failed.map(({ id, reason }) => `${id} (${reason})`).join(', ');
    throw new AppError('CHANNELS.NOT_RENEWED', `channels were not renewed: ${reasons}`, 'backoff');
  }
}
