/** What is known of the people of a conversation who are not ours. */
export interface AccountClues {
  /** Objects of the CRM that the vendor has linked, e.g. `{ type: 'Account', id: '689…' }`. */
  readonly crmObjects: readonly { readonly type: string; readonly id: string }[];
  readonly emailAddresses: readonly string[];
}

/** What the match rests on, the surest first. */
export type MatchedBy = 'crm-context' | 'contact-email' | 'domain';

export interface MatchedAccount {
  readonly id: string;
  readonly name: string | null;
}

export type AccountMatch =
  | { readonly type: 'matched'; readonly by: MatchedBy; readonly account: MatchedAccount }
  /** Several accounts fit equally well: kept as they are, never guessed. */
  | { readonly type: 'ambiguous'; readonly by: MatchedBy; readonly candidates: readonly MatchedAccount[] }
  | { readonly type: 'none' };

/** Finds the CRM account that a conversation is about. Asks no vendor: it knows the accounts that were synced. */
export interface AccountMatcher {
  match(clues: AccountClues): Promise<AccountMatch>;
}

export const AccountMatcher = Symbol('AccountMatcher');
