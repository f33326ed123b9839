import type { EventKind, Vendor } from '../vendor.js';

/** Where a replay begins: with the raw row, or behind it. */
export const REPLAY_STARTS = ['land', 'enrich'] as const;
export type ReplayStart = (typeof REPLAY_STARTS)[number];

/** Which events of the archive run again, and how. */
export interface ReplayOrder {
  readonly vendor: Vendor;
  readonly kind: EventKind | null;
  /** Received at or after; ISO 8601. */
  readonly since: string;
  /** Received before; ISO 8601, not in the future. */
  readonly until: string;
  readonly from: ReplayStart;
  /** Whether agents are told again what they were told before. */
  readonly notify: boolean;
  /** Name of the token that asked for it. */
  readonly by: string;
}

/**
 * `queueing`: events are taken from the archive; `running`: all are queued, some are not done; `cancelled`:
 * no more are queued; `failed`: it is among the failed jobs of the queue `replays`.
 */
export type ReplayStatus = 'queueing' | 'running' | 'done' | 'cancelled' | 'failed';

export interface Replay extends ReplayOrder {
  readonly id: string;
  readonly status: ReplayStatus;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** Events put into the queue so far. */
  readonly queued: number;
  /** Events whose body was erased: there is nothing to run. */
  readonly erased: number;
  /** Of those queued, how many are not done yet. */
  readonly open: number;
  /** Of those queued, how many became dead letters. */
  readonly failed: number;
}

/** Runs the pipeline again from the raw archive. */
export interface Replays {
  /** Durable when it returns; the work is done by a worker. @returns its id. */
  start(order: ReplayOrder): Promise<string>;
  find(id: string): Promise<Replay | undefined>;
  /** The newest first. */
  list(limit: number): Promise<readonly Replay[]>;
  /** Queues no more of it; what is queued runs. @returns false where there is none of this id. */
  cancel(id: string): Promise<boolean>;
}

export const Replays = Symbol('Replays');
