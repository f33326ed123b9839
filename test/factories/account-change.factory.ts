import type {
  AccountChange,
  AccountFacts,
  KnownFacts,
  NoteFacts,
} from '../../src/contracts/account-facts.js';

/** What is known of an account with one deal. */
export function knownOf(
  account: Readonly<Record<string, string | null>>,
  deal: Readonly<Record<string, string | null>> = {},
): KnownFacts {
  return { account, deals: { '7': deal }, notes: {} };
}

export function factsOf(
  account: Readonly<Record<string, string | null>>,
  deal: Readonly<Record<string, string | null>> = {},
  notes: readonly NoteFacts[] = [],
): AccountFacts {
  return {
    account: { id: '689', name: 'Acme', values: account },
    deals: [{ id: '7', name: 'Acme renewal', values: deal }],
    notes,
  };
}

export function noteOf(text: string, more: Partial<NoteFacts> = {}): NoteFacts {
  const writtenAt = '2026-11-25T10:00:00Z';
  return { id: '9', title: null, text, author: 'Pat Boyle', writtenAt, contentHash: text, ...more };
}

/** A change on Wednesday 2026-11-25. */
export function changeOf(
  before: KnownFacts | null,
  after: AccountFacts,
  more: Partial<AccountChange> = {},
): AccountChange {
  return {
    accountId: '689',
    before,
    after,
    since: '1',
    changed: [],
    at: '2026-11-25T12:00:00.000Z',
    ...more,
  };
}
