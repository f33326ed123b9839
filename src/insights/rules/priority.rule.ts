import type { Conversation } from '../../contracts/conversation.js';
import type { Insight, Priority } from '../../contracts/insight.js';
import { RULE_SET } from './rule-set.js';

export interface Prioritised {
  readonly priority: Priority;
  readonly reasons: readonly string[];
}

/** First match counts: urgent before high before low, so that a three-minute cancellation is still urgent. */
export function prioritise(conversation: Conversation, insights: readonly Insight[]): Prioritised {
  const { urgentChurn, highChurn, shortCallSeconds } = RULE_SET.priority;
  const churn = combinedScore(insights.filter(({ kind }) => kind === 'churn_risk'));
  if (churn >= urgentChurn) {
    return { priority: 'urgent', reasons: [`churn risk ${churn.toFixed(2)} is explicit`] };
  }
  if (churn >= highChurn) {
    return { priority: 'high', reasons: [`churn risk ${churn.toFixed(2)} is worth a look`] };
  }
  const { durationSeconds } = conversation;
  if (durationSeconds !== null && durationSeconds < shortCallSeconds) {
    return {
      priority: 'low',
      reasons: [`${durationSeconds} s is shorter than ${shortCallSeconds} s and nothing stands out`],
    };
  }
  return { priority: 'medium', reasons: ['nothing urgent, and long enough to matter'] };
}

/** Independent weak signs add up: 1 - (1 - a)(1 - b). */
function combinedScore(insights: readonly Insight[]): number {
  return 1 - insights.reduce((remaining, { score }) => remaining * (1 - score), 1);
}
