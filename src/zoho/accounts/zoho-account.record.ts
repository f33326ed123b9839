import type { ZohoRecord } from '../zoho-values.js';

/** An account with all that belongs to it, as the API gave it. A null part would not be given. */
export interface ZohoAccount {
  readonly account: ZohoRecord;
  readonly contacts: readonly ZohoRecord[] | null;
  readonly deals: readonly ZohoRecord[] | null;
  readonly openActivities: readonly ZohoRecord[] | null;
  readonly pastActivities: readonly ZohoRecord[] | null;
  readonly notes: readonly ZohoRecord[] | null;
  /** Notes of its deals and contacts, as far as they were asked for. */
  readonly otherNotes: readonly ZohoRecord[];
}
