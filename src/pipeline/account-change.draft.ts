import { accountDraft } from '../contracts/notification-drafts.js';
import type { NotificationDraft } from '../contracts/notification.js';
import type { AccountState } from '../contracts/ports/account-source.port.js';
import type { SyncCause } from '../contracts/ports/account-sync.port.js';

const NOBODY = { eventId: '', correlationId: '' };

/**
 * What agents hear of an account that has changed: that it has, and how much it matters; what it looks like now
 * is in the memory and in the snapshot.
 * @param causes at least one.
 */
export function accountChangeDraft(
  { accountId, document, modifiedAt }: AccountState,
  causes: readonly SyncCause[],
  rowVersion: number,
): NotificationDraft {
  const [{ eventId, correlationId } = NOBODY] = causes;
  const name = document?.accountName ?? null;
  const subject = {
    type: 'account',
    id: accountId,
    title: name,
    url: null,
    account: { id: accountId, name },
  } as const;
  const changeId = `account:${accountId}:${rowVersion}`;
  const isCritical = causes.some(({ force, vendor }) => force && vendor === 'zoho');
  return accountDraft(
    { vendor: 'zoho', eventId, correlationId, changeId, occurredAt: modifiedAt, subject },
    {
      summary: `Account ${name ?? accountId} ${whatHappened(document === null, isCritical)}`,
      priority: document === null || isCritical ? 'high' : 'medium',
    },
  );
}

function whatHappened(isDeleted: boolean, isCritical: boolean): string {
  if (isDeleted) return 'was deleted';
  return isCritical ? 'changed in a critical field' : 'changed';
}
