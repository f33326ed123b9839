import type { VendorEvent } from './event.js';
import type { SurvivesJson } from './json.js';

/** One line per job: queue, job name, data. */
export interface JobMap {
  events: { 'process-event': VendorEvent };
  'account-sync': { 'sync-account': AccountSyncJob };
}

/** Only names the account: why it must be read again stands in a set of its own (account-sync.state.ts). */
export interface AccountSyncJob {
  readonly schemaVersion: 1;
  readonly accountId: string;
}

export type QueueName = keyof JobMap;
export type JobName<Queue extends QueueName> = keyof JobMap[Queue] & string;
export type JobData<Queue extends QueueName, Name extends JobName<Queue>> = JobMap[Queue][Name];

/** Names the jobs whose data JSON would not keep, e.g. `"events/late"`. */
export type JobsNotJson<Map> = {
  [Queue in keyof Map]: {
    [Name in keyof Map[Queue]]: Map[Queue][Name] extends SurvivesJson<Map[Queue][Name]>
      ? never
      : `${Queue & string}/${Name & string}`;
  }[keyof Map[Queue]];
}[keyof Map];

type AllJson<Map> = [JobsNotJson<Map>] extends [never] ? true : JobsNotJson<Map>;

/** Fails to compile, naming the job, when a job's data would not survive JSON. */
export const ALL_JOBS_ARE_JSON: AllJson<JobMap> = true;

export const EVENTS_QUEUE = 'events' satisfies QueueName;
export const PROCESS_EVENT = 'process-event' satisfies JobName<'events'>;
export const ACCOUNT_SYNC_QUEUE = 'account-sync' satisfies QueueName;
export const SYNC_ACCOUNT = 'sync-account' satisfies JobName<'account-sync'>;
