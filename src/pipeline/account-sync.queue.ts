import { Injectable } from '@nestjs/common';
import { Queue } from 'bullmq';
import { AppConfig } from '../config/app-config.js';
import { AppError } from '../contracts/errors.js';
import { ACCOUNT_SYNC_QUEUE, type AccountSyncJob, SYNC_ACCOUNT } from '../contracts/jobs.js';
import type { AccountSync, SyncCause } from '../contracts/ports/account-sync.port.js';
import { QUEUE_POLICY } from '../contracts/queues.js';
import { InjectQueue } from '../redis/inject-queue.js';
import { AccountSyncState } from './account-sync.state.js';

/** A request that could not be queued is asked again by its event, which waits so long. */
const ASK_AGAIN_MS = 2_000;

/**
 * First the cause, then the job: a crash in between leaves a cause whose event is not done, and the event's own
 * job asks again. The other order could run the sync before its cause is there.
 * One job per account waits at most; a request while it runs makes BullMQ start exactly one more when it ends.
 */
@Injectable()
export class AccountSyncQueue implements AccountSync {
  constructor(
    @InjectQueue(ACCOUNT_SYNC_QUEUE) private readonly queue: Queue<AccountSyncJob>,
    private readonly state: AccountSyncState,
    private readonly config: AppConfig,
  ) {}

  async request(accountId: string, cause: SyncCause): Promise<void> {
    try {
      await this.state.addCause(accountId, cause);
      await this.queue.add(
        SYNC_ACCOUNT,
        { schemaVersion: 1, accountId },
        {
          deduplication: { id: accountId, keepLastIfActive: true },
          attempts: this.config.WEBHOOK_MAX_RETRIES,
          backoff: { type: 'policy', delay: this.config.WEBHOOK_RETRY_DELAY_BASE * 1000 },
          removeOnComplete: !QUEUE_POLICY[ACCOUNT_SYNC_QUEUE].keepCompleted,
          removeOnFail: false,
        },
      );
    } catch (error) {
      throw new AppError(
        'SYNC.NOT_QUEUED',
        'the sync of the account could not be queued',
        { afterMs: ASK_AGAIN_MS },
        { cause: error },
      );
    }
  }
}
