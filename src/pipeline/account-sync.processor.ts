import { Processor } from '@nestjs/bullmq';
import { Inject } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Job } from 'bullmq';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import type { Gauge } from 'prom-client';
import { AppConfig } from '../config/app-config.js';
import { type AppError, toAppError } from '../contracts/errors.js';
import { ACCOUNT_SYNC_QUEUE, type AccountSyncJob, SYNC_ACCOUNT } from '../contracts/jobs.js';
import { Notifier } from '../contracts/ports/notifier.port.js';
import { Outbox } from '../contracts/ports/outbox.port.js';
import { QueueWorker, workerOptionsFor } from '../redis/queue-worker.js';
import { actOnPolicy, isLastAttempt, putAside, refuseUnknownJob } from '../redis/retry-policy.js';
import { AccountSyncRunner } from './account-sync.runner.js';
import { AccountSyncState } from './account-sync.state.js';
import { failureDraft } from './failure-draft.js';
import { syncHistoryRow } from './history-row.js';

/** Takes account syncs off their queue; owns retry. */
@Processor(ACCOUNT_SYNC_QUEUE, workerOptionsFor(ACCOUNT_SYNC_QUEUE))
export class AccountSyncProcessor extends QueueWorker {
  constructor(
    private readonly runner: AccountSyncRunner,
    private readonly state: AccountSyncState,
    config: AppConfig,
    @Inject(Outbox) private readonly outbox: Outbox,
    @Inject(Notifier) private readonly notifier: Notifier,
    @InjectMetric('active_background_tasks') private readonly active: Gauge<'queue'>,
    @InjectPinoLogger(AccountSyncProcessor.name) logger: PinoLogger,
  ) {
    super(ACCOUNT_SYNC_QUEUE, config, logger);
  }

  async handle(job: Job<AccountSyncJob>, token?: string): Promise<void> {
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
      refuseUnknownJob(job, SYNC_ACCOUNT);
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
      await this.state.noteFailure(accountId, { code, message, at: new Date().toISOString() });
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
