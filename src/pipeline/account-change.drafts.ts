import { type Analysis, type Insight, PRIORITIES, type Priority } from '../contracts/insight.js';
import { accountDraft, actionDraft, type DraftContext } from '../contracts/notification-drafts.js';
import type { NotificationDraft } from '../contracts/notification.js';
import type { AccountState } from '../contracts/ports/account-source.port.js';
import type { SyncCause } from '../contracts/ports/account-sync.port.js';

export interface ToldChange {
  readonly account: AccountState;
  readonly causes: readonly SyncCause[];
  /** Of the snapshot. */
  readonly rowVersion: number;
  /** Null for an account that is gone. */
  readonly analysis: Analysis | null;
}

/**
 * What agents hear of an account that has changed: that it has, what it means and how much it matters, and each
 * task by itself; what the account looks like now is in the memory and in the snapshot.
 */
export function accountChangeDrafts(change: ToldChange): NotificationDraft[] {
  const { account, causes, rowVersion, analysis } = change;
  const [cause] = causes;
  if (cause === undefined) return [];
  const context = contextOf(account, cause, rowVersion);
  const isCritical = causes.some(({ force, vendor }) => force && vendor === 'zoho');
  const { insights = [], nextSteps = [] } = analysis ?? {};
  const actions = insights.filter(({ kind }) => kind === 'action_item');
  const priority = priorityOf(account, isCritical, analysis);
  const summary = `Account ${nameOf(account)} ${whatHappened(account, isCritical)}${foundIn(insights)}`;
  return [
    accountDraft(context, { summary, priority, insights, actions, nextSteps }),
    ...actions.map((action) => taskDraft(context, { action, priority, nextSteps })),
  ];
}

function contextOf(
  { accountId, document, modifiedAt }: AccountState,
  { eventId, correlationId }: SyncCause,
  rowVersion: number,
): DraftContext {
  const name = document?.accountName ?? null;
  const subject = {
    type: 'account',
    id: accountId,
    title: name,
    url: null,
    account: { id: accountId, name },
  } as const;
  const changeId = `account:${accountId}:${rowVersion}`;
  return { vendor: 'zoho', eventId, correlationId, changeId, occurredAt: modifiedAt, subject };
}

/** Once for ever, whichever version of the account brought it. */
function taskDraft(context: DraftContext, said: Parameters<typeof actionDraft>[1]): NotificationDraft {
  return actionDraft({ ...context, changeId: `account-task:${said.action.id}` }, said);
}

function nameOf({ accountId, document }: AccountState): string {
  return document?.accountName ?? accountId;
}

/** What is critical is high whatever the rules find in it. */
function priorityOf({ document }: AccountState, isCritical: boolean, analysis: Analysis | null): Priority {
  const least = document === null || isCritical ? 'high' : 'medium';
  const found = analysis?.priority ?? 'low';
  return PRIORITIES.indexOf(found) > PRIORITIES.indexOf(least) ? found : least;
}

function whatHappened({ document }: AccountState, isCritical: boolean): string {
  if (document === null) return 'was deleted';
  return isCritical ? 'changed in a critical field' : 'changed';
}

function foundIn(insights: readonly Insight[]): string {
  if (insights.length === 0) return '';
  const parts = insights.map(({ kind, subject, label }) =>
    [kind.replace('_', ' '), subject, label].filter((part) => part !== undefined).join(' '),
  );
  return `: ${[...new Set(parts)].join('; ')}`;
}
