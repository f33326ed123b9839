import type { AccountFacts } from '../account-facts.js';
import type { Analysis } from '../insight.js';
import type { TableRow } from '../tables.js';
import type { AccountDocument } from './memory.port.js';

/** What a snapshot needs beside the account's state. */
export interface SnapshotVersion {
  /** Milliseconds; grows with every snapshot of the account. */
  readonly rowVersion: number;
  /** When the account changed, ISO 8601, UTC. */
  readonly modifiedAt: string;
  readonly sourceEventId: string;
}

/** An account as the CRM has it now. */
export interface AccountState {
  readonly accountId: string;
  /** Null: the account was deleted. */
  readonly document: AccountDocument | null;
  /** What rules read of it; null: the account was deleted. */
  readonly facts: AccountFacts | null;
  /** sha256 in hex of what a snapshot shows; the same content gives the same hash. */
  readonly contentHash: string;
  /** The latest change that the CRM knows of it; null for a deleted account. */
  readonly modifiedAt: string | null;
  /** Parts that the CRM would not give, e.g. `Notes` without the permission. */
  readonly missingParts: readonly string[];
  /** The row of a snapshot of this state, with what the change to it means. */
  snapshot(version: SnapshotVersion, analysis?: Analysis): TableRow;
}

/** Where accounts come from: the CRM. */
export interface AccountSource {
  /**
   * Reads an account with all that belongs to it.
   * @param noteIds notes of its deals and contacts that are wanted too, for their facts.
   * @throws AppError with its own retry policy; a limit or a fault of the CRM is `{ afterMs }`.
   */
  read(accountId: string, noteIds?: readonly string[]): Promise<AccountState>;
}

export const AccountSource = Symbol('AccountSource');
