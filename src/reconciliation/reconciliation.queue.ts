import { Injectable } from '@nestjs/common';
import type { Queue } from 'bullmq';
import {
  RECONCILE,
  RECONCILIATION_QUEUE,
  RENEW_CHANNELS,
  type ReconcileJob,
  type RenewChannelsJob,
} from '../contracts/jobs.js';
import { InjectQueue } from '../redis/inject-queue.js';

/** The attempts are for faults of ours: some five minutes of them. */
const RUN_OPTIONS = {
  attempts: 12,
  backoff: { type: 'policy' },
  removeOnComplete: true,
  removeOnFail: false,
} as const;
/** What a schedule asks for holds nothing, and is due again: of those that failed only the last are kept. */
export const CHORE_OPTIONS = { ...RUN_OPTIONS, removeOnFail: 100 } as const;
/** Channels that could not be renewed are tried again after ten minutes, until the next hour's job does. */
export const RENEWAL_OPTIONS = {
  ...CHORE_OPTIONS,
  attempts: 6,
  backoff: { type: 'fixed', delay: 600_000 },
} as const;

/** What the queue of comparisons and upkeep is asked to do at once; the rest is its schedule's. */
@Injectable()
export class ReconciliationQueue {
  constructor(
    @InjectQueue(RECONCILIATION_QUEUE) private readonly queue: Queue<ReconcileJob | RenewChannelsJob>,
  ) {}

  /** Channels may have expired while nobody ran; one job however many processes start. */
  async renewChannels(): Promise<void> {
    const data: RenewChannelsJob = { schemaVersion: 1 };
    await this.queue.add(RENEW_CHANNELS, data, {
      ...RENEWAL_OPTIONS,
      deduplication: { id: RENEW_CHANNELS },
    });
  }

  /** Goes on with a run where it stands. One job for each run, and one more where it is asked while that ends. */
  async goOn(runId: string): Promise<void> {
    const data: ReconcileJob = { schemaVersion: 1, runId };
    await this.queue.add(RECONCILE, data, {
      ...RUN_OPTIONS,
      deduplication: { id: runId, keepLastIfActive: true },
    });
  }
}
