import { Injectable } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { AppConfig } from '../config/app-config.js';
import {
  RECONCILE,
  RECONCILIATION_QUEUE,
  RENEW_CHANNELS,
  START_RUN,
  type ReconcileJob,
  type RenewChannelsJob,
  type StartRunJob,
} from '../contracts/jobs.js';
import { type Vendor, VENDORS } from '../contracts/vendor.js';
import { InjectQueue } from '../redis/inject-queue.js';

const HOUR_MS = 3_600_000;
/** Seconds, minutes, hours: hourly at 23 past, nightly at 2:47 UTC, away from the full hours that others take. */
const PATTERNS = { hourly: '0 23 * * * *', nightly: '0 47 2 * * *' } as const;
const OPTIONS = { removeOnComplete: true, removeOnFail: false } as const;

/** What the queue of comparisons and upkeep is asked to do. */
@Injectable()
export class ReconciliationQueue {
  constructor(
    @InjectQueue(RECONCILIATION_QUEUE)
    private readonly queue: Queue<StartRunJob | ReconcileJob | RenewChannelsJob>,
    private readonly config: AppConfig,
  ) {}

  /** The schedules, the same whichever process writes them. */
  async schedule(): Promise<void> {
    for (const vendor of VENDORS) {
      for (const mode of ['hourly', 'nightly'] as const) await this.scheduleRuns(vendor, mode);
    }
    const renew: RenewChannelsJob = { schemaVersion: 1 };
    await this.queue.upsertJobScheduler(
      'renew-channels',
      { every: 24 * HOUR_MS },
      {
        name: RENEW_CHANNELS,
        data: renew,
        opts: OPTIONS,
      },
    );
    // And at each start: channels may have expired while nobody ran.
    await this.queue.add(RENEW_CHANNELS, renew, { ...OPTIONS, deduplication: { id: RENEW_CHANNELS } });
  }

  private async scheduleRuns(vendor: Vendor, mode: StartRunJob['mode']): Promise<void> {
    const id = `${vendor}-${mode}`;
    if (!this.config.RECONCILIATION_ENABLED) {
      await this.queue.removeJobScheduler(id);
      return;
    }
    const data: StartRunJob = { schemaVersion: 1, vendor, mode };
    const template = { name: START_RUN, data, opts: OPTIONS };
    await this.queue.upsertJobScheduler(id, { pattern: PATTERNS[mode], tz: 'UTC' }, template);
  }

  /** Goes on with a run where it stands. One job for each run, and one more where it is asked while that ends. */
  async goOn(runId: string): Promise<void> {
    const data: ReconcileJob = { schemaVersion: 1, runId };
    await this.queue.add(RECONCILE, data, {
      ...OPTIONS,
      deduplication: { id: runId, keepLastIfActive: true },
    });
  }
}
