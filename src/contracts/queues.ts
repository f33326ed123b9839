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
  /** The failed set is the dead-letter desk: it is never trimmed, but for scheduled chores, which hold nothing. */
  readonly keepFailed: true;
}

/** Queues differ in how many of their jobs may be worked on at once. */
function policyOf(concurrency: QueuePolicy['concurrency']): QueuePolicy {
  return {
    lockMs: 6_000,
    stalledCheckMs: 2_000,
    maxStalls: 1_000_000,
    concurrency,
    keepCompleted: false,
    keepFailed: true,
  };
}

/** They wait for other people's servers, most of the time. */
const ALERTS = policyOf(10);

export const QUEUE_POLICY: Record<QueueName, QueuePolicy> = {
  events: policyOf('setting'),
  // Most of them wait for the vendor's quota, and a request takes a hundred ids.
  enrichment: policyOf(500),
  'alerts-slack': ALERTS,
  'alerts-smtp': ALERTS,
  'alerts-webhook': ALERTS,
  // The CRM's own limit is kept by its client, over all processes.
  'account-sync': policyOf(10),
  // They wait for a model that takes its time; its own limit is its budget of tokens.
  'insights-llm': policyOf(4),
  // One request each; nobody waits for them, and account syncs share the CRM's limit.
  'crm-tasks': policyOf(2),
  // A page of a list at a time for each vendor, and the upkeep of channels beside them.
  reconciliation: policyOf(4),
  // They share the room that the event queue leaves them.
  replays: policyOf(1),
  // Each looks at everything there is.
  erasures: policyOf(1),
};

/**
 * Prefix of all keys that must change together. The braces make it one Redis Cluster slot, so that
 * BullMQ's scripts and ours work on cluster-mode endpoints too.
 */
export const KEY_PREFIX = '{tributary}';
