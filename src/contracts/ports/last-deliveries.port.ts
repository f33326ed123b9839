import type { Vendor } from '../vendor.js';

/** A delivery that was proven to come from its vendor. */
export interface ProvenDelivery {
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Which key proved it: a fingerprint, never the key. */
  readonly signingKeyId: string;
}

/** What the front door remembers of the vendors' deliveries. */
export interface LastDeliveries {
  /** The last one by each key, the newest first; empty where there was none yet. */
  of(vendor: Vendor): Promise<readonly ProvenDelivery[]>;
}

export const LastDeliveries = Symbol('LastDeliveries');
