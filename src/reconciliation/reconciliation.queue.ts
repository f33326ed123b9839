import { InjectQueue } from '@nestjs/bullmq';
import { Injectable } from '@nestjs/common';
import type { Queue } from 'bullmq';
import {
  RECONCILE,
  RECONCILIATION_QUEUE,
  RENEW_CHANNELS,
  START_RUN,
  type ReconcileJob,
  type RenewChannelsJob,
  type StartRunJob,
} from '../contracts/jobs.js';
import { VENDORS } from '../contracts/vendor.js';

const HOUR_MS = 3_600_000;
/** At different minutes, so that not everything is asked at once; nightly in UTC. */
const NIGHTLY_PATTERN = '0 17 2 * * *';
const OPTIONS = { removeOnComplete: true, removeOnFail: 100 } as const;

/** What the queue of comparisons and upkeep is asked to do. */
@Injectable()
export class ReconciliationQueue {
  constructor(
    @InjectQueue(RECONCILIATION_QUEUE)
    private readonly queue: Queue<StartRunJob | ReconcileJob | RenewChannelsJob>,
  ) {}

  /** The schedules, the same whichever process writes them. The first hourly comparison is now, at the start. */
  async schedule(): Promise<void> {
    for (const vendor of VENDORS) {
      for (const mode of ['hourly', 'nightly'] as const) {
        const repeat = mode === 'hourly' ? { every: HOUR_MS } : { pattern: NIGHTLY_PATTERN, tz: 'UTC' };
        const data: StartRunJob = { schemaVersion: 1, vendor, mode };
        await this.queue.upsertJobScheduler(`${vendor}-${mode}`, repeat, {
          name: START_RUN,
          data,
          opts: OPTIONS,
        });
      }
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

  /** Goes on with a run where it stands. One job for each run, and one more where it is asked while that ends. */
  async goOn(runId: string): Promise<void> {
    const data: ReconcileJob = { schemaVersion: 1, runId };
    await this.queue.add(RECONCILE, data, {
      ...OPTIONS,
      deduplication: { id: runId, keepLastIfActive: true },
    });
  }
}
