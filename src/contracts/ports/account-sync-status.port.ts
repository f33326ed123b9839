/**
 * `never`: nothing is known of a sync; `idle`: memory has what the last sync read; `waiting`, `running`: one is
 * on the queue, or a worker has it; `failed`: it is among the dead letters of `account-sync`.
 */
export type AccountSyncState = 'never' | 'idle' | 'waiting' | 'running' | 'failed';

/** How the syncs of one account stand. Times are ISO 8601, UTC. */
export interface AccountSyncStatus {
  readonly state: AccountSyncState;
  /** Events that no sync has ended for. */
  readonly waitingEvents: number;
  /** When the last sync ended well; null before the first. */
  readonly lastSyncedAt: string | null;
  /** The last failure, waits included, also where a success has followed; null where there was none. */
  readonly lastFailure: { readonly code: string; readonly message: string; readonly at: string } | null;
}

export interface AccountSyncStatuses {
  of(accountId: string): Promise<AccountSyncStatus>;
}

export const AccountSyncStatuses = Symbol('AccountSyncStatuses');
