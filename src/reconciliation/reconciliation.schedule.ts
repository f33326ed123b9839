import { isDeepStrictEqual } from 'node:util';
import { Inject, Injectable, Optional } from '@nestjs/common';
import type { JobSchedulerJson, JobSchedulerTemplateOptions, Queue } from 'bullmq';
import { AppConfig } from '../config/app-config.js';
import {
  RECONCILIATION_QUEUE,
  RENEW_CHANNELS,
  type RenewChannelsJob,
  START_RUN,
  type StartRunJob,
} from '../contracts/jobs.js';
import { VENDORS } from '../contracts/vendor.js';
import { InjectQueue } from '../redis/inject-queue.js';
import { CHORE_OPTIONS, RENEWAL_OPTIONS } from './reconciliation.queue.js';

/** When what is due: cron patterns that begin with seconds, in UTC. */
export interface ReconciliationTimes {
  readonly hourly: string;
  readonly nightly: string;
  readonly renewal: string;
}

const TIME_ZONE = 'UTC';

/** Injected where a test wants other times; without it the default holds. */
export const ReconciliationTimes = Symbol('ReconciliationTimes');

/** Away from the full hours, which others take. */
const DEFAULT_TIMES: ReconciliationTimes = {
  hourly: '0 23 * * * *',
  nightly: '0 47 2 * * *',
  renewal: '0 11 * * * *',
};

interface Schedule {
  readonly pattern: string;
  readonly name: typeof START_RUN | typeof RENEW_CHANNELS;
  readonly data: StartRunJob | RenewChannelsJob;
  readonly opts: JobSchedulerTemplateOptions;
}

/** The schedules of comparisons and of the upkeep of channels, the same whichever process writes them. */
@Injectable()
export class ReconciliationSchedule {
  constructor(
    @InjectQueue(RECONCILIATION_QUEUE) private readonly queue: Queue<StartRunJob | RenewChannelsJob>,
    private readonly config: AppConfig,
    @Optional()
    @Inject(ReconciliationTimes)
    private readonly times: ReconciliationTimes = DEFAULT_TIMES,
  ) {}

  /**
   * Writes what is new or has changed, and takes away what is wanted no longer or by no release any more. What is
   * the same is left alone: BullMQ would put the next time in the place of a job that was due while nobody ran.
   */
  async write(): Promise<void> {
    const wanted = this.wanted();
    const existing = new Map((await this.queue.getJobSchedulers()).map((entry) => [entry.key, entry]));
    for (const id of existing.keys()) {
      if (!wanted.has(id)) await this.queue.removeJobScheduler(id);
    }
    for (const [id, schedule] of wanted) {
      if (await this.stands(existing.get(id), schedule)) continue;
      const { pattern, ...template } = schedule;
      await this.queue.upsertJobScheduler(id, { pattern, tz: TIME_ZONE }, template);
    }
  }

  private wanted(): Map<string, Schedule> {
    const renewal: Schedule = {
      pattern: this.times.renewal,
      name: RENEW_CHANNELS,
      data: { schemaVersion: 1 },
      opts: RENEWAL_OPTIONS,
    };
    const wanted = new Map([['renew-channels', renewal]]);
    if (!this.config.RECONCILIATION_ENABLED) return wanted;
    for (const vendor of VENDORS) {
      for (const mode of ['hourly', 'nightly'] as const) {
        wanted.set(`${vendor}-${mode}`, {
          pattern: this.times[mode],
          name: START_RUN,
          data: { schemaVersion: 1, vendor, mode },
          opts: CHORE_OPTIONS,
        });
      }
    }
    return wanted;
  }

  /** Whether it is as wanted, and its next job is there: somebody may have removed that. */
  private async stands(entry: JobSchedulerJson | undefined, schedule: Schedule): Promise<boolean> {
    if (entry?.next === undefined) return false;
    const { pattern, tz, name, template } = entry;
    if (!isDeepStrictEqual({ pattern, tz, name, ...template }, { ...schedule, tz: TIME_ZONE })) return false;
    return (await this.queue.getJob(`repeat:${entry.key}:${entry.next}`)) !== undefined;
  }
}
