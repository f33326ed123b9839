import type { EventQueueName } from '../jobs.js';
import type { EventKind, Vendor } from '../vendor.js';

/**
 * `queued`: no worker has it yet; `processing`: one has; `waiting`: put aside until a time, for its vendor or
 * before the next attempt; `failed`: a dead letter.
 */
export const LIVE_STATES = ['queued', 'processing', 'waiting', 'failed'] as const;
export type LiveState = (typeof LIVE_STATES)[number];

/** One job of an event. */
export interface LiveEvent {
  readonly eventId: string;
  readonly vendor: Vendor;
  readonly kind: EventKind;
  readonly objectId: string | null;
  readonly correlationId: string;
  /** ISO 8601, UTC. */
  readonly receivedAt: string;
  readonly state: LiveState;
  readonly queue: EventQueueName;
  /** Attempts that have failed. */
  readonly attempts: number;
  /** When a waiting one goes on, ISO 8601, UTC. */
  readonly dueAt: string | null;
  /** Of a failed one, for the desk of dead letters. */
  readonly deadLetterId: string | null;
  /** The last failure that used up an attempt. */
  readonly failure: { readonly code: string; readonly stage: string | null; readonly message: string } | null;
}

export interface LivePage {
  readonly events: readonly LiveEvent[];
  /** False where a queue holds more of one state than was looked at. */
  readonly isComplete: boolean;
}

/** The events that the queues hold: whose work is not done, or has failed for good. */
export interface LiveEvents {
  /** The jobs of one event; more than one where it runs again. */
  find(eventId: string): Promise<readonly LiveEvent[]>;
  /** The newest of each state in each queue, in no order. */
  newest(states: readonly LiveState[]): Promise<LivePage>;
}

export const LiveEvents = Symbol('LiveEvents');
