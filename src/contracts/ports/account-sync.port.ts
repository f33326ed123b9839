import type { ChangedRecord } from '../account-facts.js';
import type { VendorEvent } from '../event.js';
import type { EventKind, Vendor } from '../vendor.js';

/** Why an account must be read again. */
export interface SyncCause {
  readonly eventId: string;
  readonly correlationId: string;
  readonly vendor: Vendor;
  readonly kind: EventKind;
  /** Tell memory even where nothing seems to have changed. */
  readonly force: boolean;
  /** When the event came in, ISO 8601, UTC. */
  readonly receivedAt: string;
  /** What the event itself says has changed. */
  readonly changed?: ChangedRecord;
}

/** An event as the cause of a sync. */
export function syncCauseOf(
  { eventId, correlationId, receivedAt, vendor, kind }: VendorEvent,
  force: boolean,
): SyncCause {
  return { eventId, correlationId, receivedAt, vendor, kind, force };
}

/**
 * Asks for an account to be read from the CRM, its snapshot taken and its memory renewed. Any number of
 * requests while a sync waits become one sync; those that come while it runs cause exactly one more.
 */
export interface AccountSync {
  /**
   * Durable when it returns: the account is read at least once after this call began.
   * @throws AppError `SYNC.NOT_QUEUED`, to be asked again; repeating a request is harmless.
   */
  request(accountId: string, cause: SyncCause): Promise<void>;
}

export const AccountSync = Symbol('AccountSync');
