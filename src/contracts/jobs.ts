import type { VendorEvent } from './event.js';
import type { SurvivesJson } from './json.js';

/** One line per job: queue, job name, data. */
export interface JobMap {
  /** From the front door: every event once. */
  events: { 'process-event': VendorEvent };
  /** Landed events that wait for a vendor's API, many at a time: waiting is what fills a batched request. */
  enrichment: { 'process-event': VendorEvent };
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
export const ENRICHMENT_QUEUE = 'enrichment' satisfies QueueName;
/** The queues whose jobs are vendor events. */
export const EVENT_QUEUES = [EVENTS_QUEUE, ENRICHMENT_QUEUE] as const;
export type EventQueueName = (typeof EVENT_QUEUES)[number];
export const PROCESS_EVENT = 'process-event' satisfies JobName<'events'>;
