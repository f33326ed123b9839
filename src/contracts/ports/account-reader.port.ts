import type { Insight, NextStep, Priority } from '../insight.js';
import type { JsonObject } from '../json.js';
import type { ConversationKind } from '../vendor.js';
import type { MatchedBy } from './account-matcher.port.js';

/** The latest snapshot of an account of the CRM. Times are ISO 8601, UTC. */
export interface StoredAccount {
  readonly accountId: string;
  readonly name: string | null;
  readonly ownerId: string | null;
  readonly industry: string | null;
  readonly website: string | null;
  readonly isDeleted: boolean;
  /** The account as the CRM gave it. */
  readonly fields: JsonObject;
  /** As the CRM gave them; null where it would not. */
  readonly contacts: readonly JsonObject[] | null;
  readonly deals: readonly JsonObject[] | null;
  readonly snapshotId: string;
  readonly sourceEventId: string | null;
  readonly modifiedAt: string;
  readonly loadedAt: string;
}

/** A call, e-mail or meeting about an account, with what was found in it. */
export interface AccountConversation {
  readonly kind: ConversationKind;
  readonly id: string;
  readonly title: string | null;
  /** As the vendor gave it: to be shown to nobody before `vendorLink` has looked at it. */
  readonly url: string | null;
  /** When it began or was sent; where the vendor does not say, when its row was written. */
  readonly occurredAt: string;
  readonly dealId: string | null;
  /** What its account rests on; null where it is the vendor's own link, or the history is gone. */
  readonly matchedBy: MatchedBy | null;
  readonly priority: Priority;
  readonly priorityReasons: readonly string[];
  readonly insights: readonly Insight[];
  readonly nextSteps: readonly NextStep[];
  readonly enrichment: string;
  readonly sourceEventId: string;
}

export interface ConversationPage {
  /** Newest first. */
  readonly conversations: readonly AccountConversation[];
  /** For the next, older page; null on the last one. */
  readonly nextCursor: string | null;
}

/** What people read of accounts in the warehouse. Both look for one account only, and scan no bodies. */
export interface AccountReader {
  /** Undefined where no snapshot was taken of it. */
  account(accountId: string): Promise<StoredAccount | undefined>;
  /**
   * @param limit at most so many, 1 to 500.
   * @throws AppError `REQUEST.INVALID_CURSOR`
   */
  conversations(accountId: string, limit: number, cursor?: string): Promise<ConversationPage>;
}

export const AccountReader = Symbol('AccountReader');
