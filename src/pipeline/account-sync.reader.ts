import { Injectable } from '@nestjs/common';
import { Queue } from 'bullmq';
import { ACCOUNT_SYNC_QUEUE, type AccountSyncJob } from '../contracts/jobs.js';
import type {
  AccountSyncState as SyncState,
  AccountSyncStatus,
  AccountSyncStatuses,
} from '../contracts/ports/account-sync-status.port.js';
import { InjectQueue } from '../redis/inject-queue.js';
import { AccountSyncState, type SyncedAccount } from './account-sync.state.js';

/** Tells how the syncs of an account stand. */
@Injectable()
export class AccountSyncReader implements AccountSyncStatuses {
  constructor(
    @InjectQueue(ACCOUNT_SYNC_QUEUE) private readonly queue: Queue<AccountSyncJob>,
    private readonly syncs: AccountSyncState,
  ) {}

  async of(accountId: string): Promise<AccountSyncStatus> {
    const job = await this.jobState(accountId);
    const [causes, synced] = await Promise.all([this.syncs.causes(accountId), this.syncs.load(accountId)]);
    return {
      state: stateOf(job, causes.length, synced),
      waitingEvents: causes.length,
      lastSyncedAt: synced.syncedAtMs === 0 ? null : new Date(synced.syncedAtMs).toISOString(),
      lastFailure: synced.lastFailure,
    };
  }

  /** By the deduplication key, which names the account's job for as long as it is not done. */
  private async jobState(accountId: string): Promise<string | null> {
    const jobId = await this.queue.getDeduplicationJobId(accountId);
    return jobId === null ? null : this.queue.getJobState(jobId);
  }
}

function stateOf(job: string | null, causes: number, { syncedAtMs, lastFailure }: SyncedAccount): SyncState {
  if (job === 'active') return 'running';
  if (job !== null && ['waiting', 'prioritized', 'delayed'].includes(job)) return 'waiting';
  // No job will come for these any more, unless an operator replays the dead letter or the account changes.
  if (causes > 0) return lastFailure === null ? 'waiting' : 'failed';
  return syncedAtMs === 0 ? 'never' : 'idle';
}
