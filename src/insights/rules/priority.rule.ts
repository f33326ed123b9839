import type { Conversation } from '../../contracts/conversation.js';
import type { Insight, Priority } from '../../contracts/insight.js';
import { combined } from './finding.js';
import type { RuleSet } from './rule-set.js';

export interface Prioritised {
  readonly priority: Priority;
  readonly reasons: readonly string[];
}

/** First match counts: urgent before high before low, so that a three-minute cancellation is still urgent. */
export function prioritise(
  conversation: Conversation,
  insights: readonly Insight[],
  { thresholds }: RuleSet,
): Prioritised {
  const serious = seriousCompetitors(insights).filter(isSaidByThem);
  return standingOut(insights, serious, thresholds) ?? lowOrMedium(conversation, insights, thresholds);
}

/** The same of a change of an account; what its notes say of competitors is hearsay, but of the customer's. */
export function prioritiseChange(insights: readonly Insight[], { thresholds }: RuleSet): Prioritised {
  const found = standingOut(insights, seriousCompetitors(insights), thresholds);
  return found ?? { priority: 'medium', reasons: ['nothing in the change is urgent'] };
}

/** Urgent or high; null where nothing stands out. */
function standingOut(
  insights: readonly Insight[],
  serious: readonly Insight[],
  thresholds: RuleSet['thresholds'],
): Prioritised | null {
  const churn = churnScore(insights);
  const evaluating = serious.filter(({ stance }) => stance === 'evaluating');
  if (churn >= thresholds.urgentChurn) {
    return { priority: 'urgent', reasons: [`churn risk ${churn.toFixed(2)} is explicit`] };
  }
  if (churn >= thresholds.highChurn && evaluating.length > 0) {
    return {
      priority: 'urgent',
      reasons: [`churn risk ${churn.toFixed(2)} while they evaluate ${subjectsOf(evaluating)}`],
    };
  }
  const high = highReasons(churn, serious, insights, thresholds);
  return high.length > 0 ? { priority: 'high', reasons: high } : null;
}

/** Below "explicit": what a vendor's tracker may lift our own finding to. */
const LIFT_LIMIT = 0.58;

/** The risk that counts. A vendor's tracker can support what our rules heard, but is never an alarm alone. */
export function churnScore(insights: readonly Insight[]): number {
  const churn = insights.filter(({ kind }) => kind === 'churn_risk');
  const scores = (isVendor: boolean) =>
    churn.filter(({ source }) => (source === 'gong') === isVendor).map(({ score }) => score);
  const own = combined(scores(false));
  if (own === 0 || own >= LIFT_LIMIT) return own;
  return Math.min(LIFT_LIMIT, combined([own, ...scores(true)]));
}

function highReasons(
  churn: number,
  serious: readonly Insight[],
  insights: readonly Insight[],
  thresholds: RuleSet['thresholds'],
): string[] {
  const reasons: string[] = [];
  if (churn >= thresholds.highChurn) reasons.push(`churn risk ${churn.toFixed(2)} is worth a look`);
  if (serious.length > 0) reasons.push(`they use or evaluate ${subjectsOf(serious)}`);
  const actions = insights.filter(({ kind, score }) => kind === 'action_item' && score >= thresholds.action);
  if (actions.length >= thresholds.highActions) reasons.push(`${actions.length} action items`);
  return reasons;
}

/** Competitors that are used or evaluated. */
function seriousCompetitors(insights: readonly Insight[]): Insight[] {
  return insights.filter(
    ({ kind, stance, source }) =>
      kind === 'competitor' && source === 'rules' && (stance === 'using' || stance === 'evaluating'),
  );
}

function isSaidByThem({ evidence }: Insight): boolean {
  return evidence.some(({ side }) => side !== 'internal');
}

function subjectsOf(insights: readonly Insight[]): string {
  return [...new Set(insights.flatMap(({ subject }) => subject ?? []))].join(', ');
}

function lowOrMedium(
  { kind, durationSeconds }: Conversation,
  insights: readonly Insight[],
  thresholds: RuleSet['thresholds'],
): Prioritised {
  if (kind === 'email') {
    const isAsking = insights.some(
      ({ kind: found, score }) => found === 'action_item' && score >= thresholds.ask,
    );
    return isAsking
      ? { priority: 'medium', reasons: ['the e-mail asks for something'] }
      : { priority: 'low', reasons: ['the e-mail informs and asks for nothing'] };
  }
  if (durationSeconds !== null && durationSeconds < thresholds.shortCallSeconds) {
    return {
      priority: 'low',
      reasons: [
        `${durationSeconds} s is shorter than ${thresholds.shortCallSeconds} s and nothing stands out`,
      ],
    };
  }
  return { priority: 'medium', reasons: ['nothing urgent, and long enough to matter'] };
}
