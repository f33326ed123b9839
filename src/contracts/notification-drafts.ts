import type { TaskGrounds } from './crm-task.js';
import type { Analysis, Insight, NextStep, Priority } from './insight.js';
import type { ChannelName, NotificationDraft, NotificationSubject } from './notification.js';
import type { ConversationKind, Vendor } from './vendor.js';

/** What every message of one event has in common. */
export interface DraftContext {
  readonly vendor: Vendor;
  readonly eventId: string;
  readonly changeId: string;
  readonly correlationId: string;
  readonly occurredAt: string | null;
  readonly subject: NotificationSubject;
  /** Of a replay whose operator asked that agents be told again. */
  readonly replayId?: string;
}

const CONVERSATION_CHANNELS: Record<ConversationKind, ChannelName> = {
  call: 'gong:calls',
  email: 'gong:emails',
  meeting: 'gong:meetings',
};

const NOTHING_FOUND = { insights: [], actions: [], nextSteps: [] } as const;

/**
 * All that is to be said of a conversation: one message of its own, and one for each insight and action.
 * A late transcript makes it again: told are then its new insights, and the conversation only if there are any.
 */
export function conversationDrafts(
  context: DraftContext,
  kind: ConversationKind,
  summary: string,
  analysis: Analysis | null,
): NotificationDraft[] {
  if (analysis === null) {
    return [conversationDraft(context, kind, { summary, priority: 'low', ...NOTHING_FOUND })];
  }
  const { insights, priority, nextSteps } = analysis;
  const actions = insights.filter(isAction);
  const parts = insights.map((insight) =>
    isAction(insight)
      ? actionDraft(context, { action: insight, priority, nextSteps })
      : insightDraft(context, insight, priority),
  );
  return [conversationDraft(context, kind, { summary, priority, insights, actions, nextSteps }), ...parts];
}

interface ConversationSaid {
  readonly summary: string;
  readonly priority: Priority;
  readonly insights: readonly Insight[];
  readonly actions: readonly Insight[];
  readonly nextSteps: readonly NextStep[];
}

function conversationDraft(
  context: DraftContext,
  kind: ConversationKind,
  said: ConversationSaid,
): NotificationDraft {
  const news = [kind, ...said.insights.map(({ id }) => id), ...newsOfPriority(said.priority)];
  return {
    ...address(context, CONVERSATION_CHANNELS[kind], news),
    supersedesEarlier: true,
    message: { ...common(context), type: kind, ...said },
  };
}

function insightDraft(context: DraftContext, insight: Insight, priority: Priority): NotificationDraft {
  const said = { ...NOTHING_FOUND, summary: summaryOf(insight), priority, insights: [insight] };
  return {
    ...address(context, 'gong:insights', [insight.id]),
    message: { ...common(context), type: 'insight', ...said },
  };
}

/** One action item, once for ever. */
export function actionDraft(
  context: DraftContext,
  said: { readonly action: Insight; readonly priority: Priority; readonly nextSteps: readonly NextStep[] },
): NotificationDraft {
  const { action, priority } = said;
  const nextSteps = said.nextSteps.filter(({ insightIds }) => insightIds.includes(action.id));
  return {
    ...address(context, `${context.vendor}:actions`, [action.id]),
    message: {
      ...common(context),
      type: 'action',
      summary: summaryOf(action),
      priority,
      insights: [],
      actions: [action],
      nextSteps,
    },
  };
}

/**
 * A change of a CRM account, once for each change id (which holds the time of the change).
 * @param news tells further messages about the same change apart; usually nothing.
 */
export function accountDraft(
  context: DraftContext,
  said: Partial<ConversationSaid> & { readonly summary: string; readonly priority: Priority },
  news: readonly string[] = [],
): NotificationDraft {
  return {
    ...address(context, 'zoho:accounts', ['account', ...news]),
    message: { ...common(context), type: 'account', ...NOTHING_FOUND, ...said },
  };
}

/** A task that was written into the CRM, once for ever. The context's change id names the task. */
export function taskDraft(context: DraftContext, summary: string, grounds: TaskGrounds): NotificationDraft {
  return {
    ...address(context, 'zoho:actions', ['task']),
    message: { ...common(context), type: 'action', summary, ...grounds },
  };
}

function address({ changeId, replayId }: DraftContext, channel: ChannelName, news: readonly string[]) {
  return { channel, changeId, news, ...(replayId !== undefined && { replayId }) };
}

function common({ vendor, eventId, correlationId, occurredAt, subject }: DraftContext) {
  return { vendor, eventId, correlationId, occurredAt, subject };
}

/** That something became urgent is news, even when the same insights made it so; that it calmed down is not. */
function newsOfPriority(priority: Priority): string[] {
  switch (priority) {
    case 'urgent':
      return ['priority high', 'priority urgent'];
    case 'high':
      return ['priority high'];
    case 'medium':
    case 'low':
      return [];
  }
}

function isAction({ kind }: Insight): boolean {
  return kind === 'action_item';
}

function summaryOf({ kind, subject, label, owner, due, evidence }: Insight): string {
  const what = [kind.replace('_', ' '), subject, label].filter((part) => part !== undefined).join(' ');
  const whose = owner === undefined ? '' : `, ${owner}`;
  const when = due === undefined ? '' : `, due ${due}`;
  const quote = evidence[0]?.quote;
  return `${what}${whose}${when}${quote === undefined ? '' : `: "${quote}"`}`;
}
