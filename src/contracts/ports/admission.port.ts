import type { VendorEvent } from '../event.js';

/** Enters events by the way that webhooks take: deduplicated by their id, durable when it returns. */
export interface EventAdmission {
  /**
   * Webhooks come only once: events that are entered like this have to leave most of the queue to them, and find a
   * vendor's quota in the hands of others.
   * @throws AppError `INTAKE.QUEUE_FULL` with the time to come back; `INTAKE.UNAVAILABLE`.
   */
  assertRoom(): Promise<void>;
  /**
   * @param dedupeSeconds how long a repeat of the same event counts as a duplicate.
   * @throws AppError `INTAKE.QUEUE_FULL` when the whole queue is, `INTAKE.UNAVAILABLE`. Some of the events may have
   * been queued then, and are duplicates the next time.
   */
  admit(events: readonly VendorEvent[], dedupeSeconds: number): Promise<void>;
}

export const EventAdmission = Symbol('EventAdmission');

/** The header by which an event says that no webhook brought it. */
export const SOURCE_HEADER = 'x-tributary-source';
export const RECONCILIATION_SOURCE = 'reconciliation';
