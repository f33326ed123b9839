import type { QueueName } from './jobs.js';

/** Everything that decides how a queue behaves; all of it explicit, so that no default is relied on unseen. */
export interface QueuePolicy {
  /** How long a worker may be silent before its job counts as stalled. */
  readonly lockMs: number;
  /** How often stalled jobs are looked for. Lock plus interval bounds the pause after a crash. */
  readonly stalledCheckMs: number;
  /** How often a job may stall. A crash is not the event's fault, so practically without limit. */
  readonly maxStalls: number;
  /** Jobs worked on at once in each process; `setting`: WEBHOOK_NUM_WORKERS times WEBHOOK_BATCH_SIZE. */
  readonly concurrency: number | 'setting';
  /** Completed jobs need not be kept: the deduplication key outlives them. */
  readonly keepCompleted: boolean;
  /** The failed set is the dead-letter desk: it is never trimmed. */
  readonly keepFailed: true;
}

const ALERTS: QueuePolicy = {
  lockMs: 6_000,
  stalledCheckMs: 2_000,
  maxStalls: 1_000_000,
  // They wait for other people's servers, most of the time.
  concurrency: 10,
  keepCompleted: false,
  keepFailed: true,
};

export const QUEUE_POLICY: Record<QueueName, QueuePolicy> = {
  events: {
    lockMs: 6_000,
    stalledCheckMs: 2_000,
    maxStalls: 1_000_000,
    concurrency: 'setting',
    keepCompleted: false,
    keepFailed: true,
  },
  enrichment: {
    lockMs: 6_000,
    stalledCheckMs: 2_000,
    maxStalls: 1_000_000,
    // Most of them wait for the vendor's quota, and a request takes a hundred ids.
    concurrency: 500,
    keepCompleted: false,
    keepFailed: true,
  },
  'alerts-slack': ALERTS,
  'alerts-smtp': ALERTS,
  'alerts-webhook': ALERTS,
  'account-sync': {
    lockMs: 6_000,
    stalledCheckMs: 2_000,
    maxStalls: 1_000_000,
    // The CRM's own limit is kept by its client, over all processes.
    concurrency: 10,
    keepCompleted: false,
    keepFailed: true,
  },
  'crm-tasks': {
    lockMs: 6_000,
    stalledCheckMs: 2_000,
    maxStalls: 1_000_000,
    // One request each; nobody waits for them, and account syncs share the CRM's limit.
    concurrency: 2,
    keepCompleted: false,
    keepFailed: true,
  },
  reconciliation: {
    lockMs: 6_000,
    stalledCheckMs: 2_000,
    maxStalls: 1_000_000,
    // A page of a list at a time for each vendor, and the upkeep of channels beside them.
    concurrency: 4,
    keepCompleted: false,
    keepFailed: true,
  },
  replays: {
    lockMs: 6_000,
    stalledCheckMs: 2_000,
    maxStalls: 1_000_000,
    // They share the room that the event queue leaves them.
    concurrency: 1,
    keepCompleted: false,
    keepFailed: true,
  },
  erasures: {
    lockMs: 6_000,
    stalledCheckMs: 2_000,
    maxStalls: 1_000_000,
    // Each looks at everything there is.
    concurrency: 1,
    keepCompleted: false,
    keepFailed: true,
  },
};

/**
 * Prefix of all keys that must change together. The braces make it one Redis Cluster slot, so that
 * BullMQ's scripts and ours work on cluster-mode endpoints too.
 */
export const KEY_PREFIX = '{tributary}';
