import type { ErasurePlace } from './person-eraser.port.js';

/** `waiting`: not begun, or put aside after a problem. It is never given up. */
export type ErasureStatus = 'waiting' | 'running' | 'done';

/** The record of an erasure. It holds nothing by which the person could be found. */
export interface Erasure {
  readonly id: string;
  readonly status: ErasureStatus;
  /** Keyed hash of the address (HMAC-SHA256, hex): the same address has the same one, and nobody can reverse it. */
  readonly addressHash: string;
  /** Name of the token that asked for it. */
  readonly by: string;
  /** ISO 8601, UTC. */
  readonly requestedAt: string;
  readonly endedAt: string | null;
  /**
   * What was removed or emptied so far, by place and what it is. After a process has died in the middle it may count
   * less than was done.
   */
  readonly counts: Readonly<Partial<Record<ErasurePlace, Readonly<Record<string, number>>>>>;
  /** Why it waits. */
  readonly problem: { readonly code: string; readonly message: string } | null;
}

/** Forgets persons everywhere. */
export interface Erasures {
  /**
   * Durable when it returns; the work is done by a worker. While an erasure of the same address is not done, that
   * one is answered, and covers what has come in since.
   * @param email an address in the form in which it is compared (`emailAddressIn`).
   */
  start(email: string, by: string): Promise<Erasure>;
  find(id: string): Promise<Erasure | undefined>;
  /** The newest first. */
  list(limit: number): Promise<readonly Erasure[]>;
}

export const Erasures = Symbol('Erasures');
