import { Processor, WorkerHost } from '@nestjs/bullmq';
import { type BeforeApplicationShutdown, Inject, type OnApplicationBootstrap } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Job } from 'bullmq';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import type { Gauge } from 'prom-client';
import { AppConfig } from '../config/app-config.js';
import { AppError, toAppError } from '../contracts/errors.js';
import { ACCOUNT_SYNC_QUEUE, type AccountSyncJob, SYNC_ACCOUNT } from '../contracts/jobs.js';
import { Notifier } from '../contracts/ports/notifier.port.js';
import { Outbox } from '../contracts/ports/outbox.port.js';
import { QUEUE_POLICY } from '../contracts/queues.js';
import { AccountSyncRunner } from './account-sync.runner.js';
import { AccountSyncState } from './account-sync.state.js';
import { failureDraft } from './failure-draft.js';
import { syncHistoryRow } from './history-row.js';
import { actOnPolicy, isLastAttempt, putAside } from './retry-policy.js';
import { retryDelayMs } from './retry-delay.js';

const { lockMs, stalledCheckMs, maxStalls, concurrency } = QUEUE_POLICY[ACCOUNT_SYNC_QUEUE];

/** Takes account syncs off their queue; owns retry. */
@Processor(ACCOUNT_SYNC_QUEUE, {
  autorun: false,
  concurrency: Number(concurrency),
  lockDuration: lockMs,
  stalledInterval: stalledCheckMs,
  maxStalledCount: maxStalls,
})
export class AccountSyncProcessor
  extends WorkerHost
  implements OnApplicationBootstrap, BeforeApplicationShutdown
{
  constructor(
    private readonly runner: AccountSyncRunner,
    private readonly state: AccountSyncState,
    private readonly config: AppConfig,
    @Inject(Outbox) private readonly outbox: Outbox,
    @Inject(Notifier) private readonly notifier: Notifier,
    @InjectMetric('active_background_tasks') private readonly active: Gauge<'queue'>,
    @InjectPinoLogger(AccountSyncProcessor.name) private readonly logger: PinoLogger,
  ) {
    super();
  }

  /** Starts only now: the decorator is evaluated before the configuration is known. */
  onApplicationBootstrap(): void {
    this.worker.opts.settings = {
      backoffStrategy: (attempts) =>
        retryDelayMs(attempts, this.config.WEBHOOK_RETRY_DELAY_BASE, this.config.WEBHOOK_RETRY_DELAY_MAX),
    };
    this.worker.on('error', (error) => this.logger.warn({ reason: error.message }, 'worker.error'));
    this.worker.on('stalled', (jobId) => this.logger.warn({ jobId }, 'account_sync.taken_up_again'));
    this.worker.run().catch((error: Error) => this.logger.error({ reason: error.message }, 'worker.stopped'));
  }

  /** Before anything closes that a running job needs: @nestjs/bullmq itself would close workers last. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.worker.close();
  }

  async process(job: Job<AccountSyncJob>, token?: string): Promise<void> {
    this.active.inc({ queue: ACCOUNT_SYNC_QUEUE });
    try {
      const afterMs = await this.run(job, token);
      if (afterMs !== undefined) await putAside(job, afterMs, token);
    } finally {
      this.active.dec({ queue: ACCOUNT_SYNC_QUEUE });
    }
  }

  /** @returns after how many milliseconds the job is to come back, if it is not done. */
  private async run(job: Job<AccountSyncJob>, token?: string): Promise<number | undefined> {
    const { accountId } = job.data;
    try {
      refuseUnknown(job);
      const outcome = await this.runner.run({
        accountId,
        jobId: job.id ?? '',
        attempt: job.attemptsMade + 1,
      });
      return outcome.type === 'later' ? outcome.afterMs : undefined;
    } catch (thrown) {
      const error = toAppError(thrown);
      const { code, message } = error;
      this.logger.warn(
        { accountId, code, reason: message, attempt: job.attemptsMade + 1 },
        'account_sync.failed',
      );
      if (isLastAttempt(error, job)) await this.tellDeadLetter(job, error);
      return actOnPolicy(error, 'remember', job, token);
    }
  }

  /** The causes stay: the next change of the account, or a replay of the job, takes them up. */
  private async tellDeadLetter(job: Job<AccountSyncJob>, error: AppError): Promise<void> {
    const { accountId } = job.data;
    const causes = await this.state.causes(accountId);
    const run = { jobId: job.id ?? '', attempt: job.attemptsMade + 1, durationMs: 0, details: { accountId } };
    await this.outbox.append(
      causes.map((cause) => syncHistoryRow(cause, { ...run, status: 'failed', error })),
    );
    const [first] = causes;
    if (first === undefined) return;
    await this.notifier.publish(failureDraft({ ...first, changeId: null }, 'remember', error));
  }
}

/** A job we do not know, or of a release we do not know, goes to the dead letters; it is never skipped. */
function refuseUnknown(job: Job<AccountSyncJob>): void {
  if (job.name === SYNC_ACCOUNT && job.data.schemaVersion === 1) return;
  throw new AppError(
    'JOB.UNKNOWN',
    `no handler for job ${job.name} with schema version ${String(job.data.schemaVersion)}`,
  );
}
