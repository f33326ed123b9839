import type { Insight, NextStep } from '../../contracts/insight.js';

/** What to do next, each step citing the insights it answers; at most one step for each kind. */
export function nextSteps(insights: readonly Insight[]): NextStep[] {
  const of = (kind: Insight['kind']) => insights.filter((insight) => insight.kind === kind);
  const ids = (found: readonly Insight[]) => found.map(({ id }) => id);
  const steps: NextStep[] = [];
  const churn = of('churn_risk');
  const competitors = of('competitor');
  const upsell = of('upsell');
  if (churn.length > 0) {
    steps.push({ text: 'Agree on an executive call within two business days', insightIds: ids(churn) });
  }
  if (competitors.length > 0) {
    const names = [...new Set(competitors.flatMap(({ subject }) => subject ?? []))].join(', ');
    steps.push({
      text: `Prepare a comparison with ${names === '' ? 'the competitor' : names}`,
      insightIds: ids(competitors),
    });
  }
  if (upsell.length > 0) {
    steps.push({ text: 'Send pricing for the additional scope', insightIds: ids(upsell) });
  }
  return steps;
}
