import type { VendorEvent } from '../event.js';
import type { Vendor } from '../vendor.js';

/** An authentic delivery of a vendor, the latest that one key has proven. */
export interface LastDelivery {
  /** As rows and logs name the key: a fingerprint. */
  readonly signingKeyId: string;
  /** ISO 8601, UTC. */
  readonly at: string;
}

/** The last deliveries of a vendor; null and empty before the first. */
export interface DeliveryReport {
  readonly lastDelivery: LastDelivery | null;
  /** The last one of each key, the latest first. */
  readonly byKey: readonly LastDelivery[];
}

/**
 * What has come in of each vendor, by change id and not by delivery: an object (`call:<id>`,
 * `Accounts:<record>`) and the latest version of it, where changes have a time. Durable, kept for SEEN_DAYS.
 */
export interface SeenIndex {
  /** An event has landed. */
  landed(event: VendorEvent): Promise<void>;
  /** These changes were entered by other ways than the front door. */
  mark(vendor: Vendor, changeIds: readonly string[]): Promise<void>;
  /**
   * Which of these changes have come in, themselves or a later version of the same object. Whoever works on an
   * event reads the object after that, so that a later version covers the earlier.
   */
  known(vendor: Vendor, changeIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** By the keys that proved them, the latest first; what this service entered itself is none. */
  lastDeliveries(vendor: Vendor): Promise<LastDelivery[]>;
}

export const SeenIndex = Symbol('SeenIndex');

/** How long a change stays known after it was seen last. */
export const SEEN_DAYS = 400;
