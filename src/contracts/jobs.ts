import type { AlertTargetType } from './alert.js';
import type { EnrichedRecord } from './conversation.js';
import type { CrmTask, TaskGrounds } from './crm-task.js';
import type { VendorEvent } from './event.js';
import type { SurvivesJson } from './json.js';
import type { Notification } from './notification.js';
import type { ConversationKind, Vendor } from './vendor.js';

/** One message for one target outside the house. */
export interface AlertJob {
  readonly schemaVersion: 1;
  /** Name of the target; its address is in the configuration only. */
  readonly target: string;
  readonly notification: Notification;
}

/** One line per job: queue, job name, data. */
export interface JobMap {
  /** From the front door: every event once. */
  events: { 'process-event': VendorEvent };
  /** Landed events that wait for a vendor's API, many at a time: waiting is what fills a batched request. */
  enrichment: { 'process-event': VendorEvent };
  /** Alerts have a queue for each kind of target, so that one that is down holds up no other. */
  'alerts-slack': { 'send-alert': AlertJob };
  'alerts-smtp': { 'send-alert': AlertJob };
  'alerts-webhook': { 'send-alert': AlertJob };
  /** Accounts of the CRM whose records have changed. */
  'account-sync': { 'sync-account': AccountSyncJob };
  /** Conversations that a language model is to read, after the rules have. */
  'insights-llm': { 'review-insights': InsightReviewJob };
  /** Comparisons with the vendors' APIs, and the upkeep of what the vendors send by. */
  reconciliation: {
    'start-run': StartRunJob;
    reconcile: ReconcileJob;
    'renew-channels': RenewChannelsJob;
  };
  /** Tasks to be written into the CRM, each once under the id of its action item or next step. */
  'crm-tasks': { 'write-task': CrmTaskJob };
  /** Replays from the raw archive, each one job for as long as it queues events. */
  replays: { 'replay-events': ReplayJob };
  /** Persons to be forgotten, each one job. */
  erasures: { 'erase-person': ErasureJob };
}

/** It is time for a scheduled comparison. */
export interface StartRunJob {
  readonly schemaVersion: 1;
  readonly vendor: Vendor;
  readonly mode: 'hourly' | 'nightly';
}

/** Only names the run: how far it has come stands beside it. */
export interface ReconcileJob {
  readonly schemaVersion: 1;
  readonly runId: string;
}

export interface RenewChannelsJob {
  readonly schemaVersion: 1;
}

/** Only names the account: why it must be read again stands in a set of its own (account-sync.state.ts). */
export interface AccountSyncJob {
  readonly schemaVersion: 1;
  readonly accountId: string;
}

/** The conversation itself: to read it again must not ask a vendor. */
export interface InsightReviewJob {
  readonly schemaVersion: 1;
  readonly event: VendorEvent;
  readonly record: EnrichedRecord;
  /** The account of the CRM that it is about, where that is known. */
  readonly accountId: string | null;
}

/** A task with all that its writing, its history and its message need: the event is done by then. */
export interface CrmTaskJob {
  readonly schemaVersion: 1;
  readonly task: CrmTask;
  readonly grounds: TaskGrounds;
  /** The event whose analysis asked for it. */
  readonly event: {
    readonly eventId: string;
    readonly correlationId: string;
    readonly vendor: Vendor;
    readonly kind: ConversationKind;
    readonly objectId: string;
    /** ISO 8601, UTC. */
    readonly receivedAt: string;
  };
}

/** Only names the replay: its order and position stand in Redis (replay.state.ts). */
export interface ReplayJob {
  readonly schemaVersion: 1;
  readonly replayId: string;
}

/** Only names the erasure: whom it is about stands in Redis until it is done (erasure.state.ts). */
export interface ErasureJob {
  readonly schemaVersion: 1;
  readonly erasureId: string;
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

export type AlertQueueName = `alerts-${AlertTargetType}`;
export const ALERT_QUEUES = {
  slack: 'alerts-slack',
  smtp: 'alerts-smtp',
  webhook: 'alerts-webhook',
} as const satisfies Record<AlertTargetType, AlertQueueName>;
export const SEND_ALERT = 'send-alert' satisfies JobName<AlertQueueName>;
export const ACCOUNT_SYNC_QUEUE = 'account-sync' satisfies QueueName;
export const INSIGHT_REVIEW_QUEUE = 'insights-llm' satisfies QueueName;
export const REVIEW_INSIGHTS = 'review-insights' satisfies JobName<'insights-llm'>;
export const CRM_TASKS_QUEUE = 'crm-tasks' satisfies QueueName;
export const WRITE_TASK = 'write-task' satisfies JobName<'crm-tasks'>;
export const REPLAYS_QUEUE = 'replays' satisfies QueueName;
export const REPLAY_EVENTS = 'replay-events' satisfies JobName<'replays'>;
export const ERASURES_QUEUE = 'erasures' satisfies QueueName;
export const ERASE_PERSON = 'erase-person' satisfies JobName<'erasures'>;
export const SYNC_ACCOUNT = 'sync-account' satisfies JobName<'account-sync'>;
export const RECONCILIATION_QUEUE = 'reconciliation' satisfies QueueName;
export const START_RUN = 'start-run' satisfies JobName<'reconciliation'>;
export const RECONCILE = 'reconcile' satisfies JobName<'reconciliation'>;
export const RENEW_CHANNELS = 'renew-channels' satisfies JobName<'reconciliation'>;
