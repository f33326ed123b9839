import type { Insight, NextStep } from '../../contracts/insight.js';
import { type CalendarDay, isoDate, plusBusinessDays } from '../text/calendar.js';
import { churnScore } from './priority.rule.js';
import type { NextStepTemplate, RuleSet } from './rule-set.js';

/** At most so many: a list that nobody reads helps nobody. */
const MAX_STEPS = 8;
/** Word overlap from which two steps are the same. */
const SAME_STEP = 0.6;

interface Scope {
  readonly insights: readonly Insight[];
  readonly rules: RuleSet;
  readonly today: CalendarDay | null;
}

/** What to do next, from the templates of the rule files; each step cites the insights it answers. */
export function nextSteps(
  insights: readonly Insight[],
  rules: RuleSet,
  today: CalendarDay | null,
): NextStep[] {
  const scope = { insights, rules, today };
  const steps = rules.nextSteps.flatMap((template) => stepsFor(template, scope));
  const unique: { readonly step: NextStep; readonly words: ReadonlySet<string> }[] = [];
  for (const step of steps) {
    if (unique.length === MAX_STEPS) break;
    const words = wordsOf(step.text);
    if (!unique.some((other) => isSameStep(other.words, words))) unique.push({ step, words });
  }
  const fallback = rules.nextSteps.filter(({ when }) => when === 'nothing');
  if (unique.length === 0) return fallback.map((template) => step(template, [], scope, {}));
  return unique.map(({ step }) => step);
}

function stepsFor(template: NextStepTemplate, scope: Scope): NextStep[] {
  const found = MATCHERS[template.when]?.(scope) ?? [];
  if (found.length === 0) return [];
  if (template.when.startsWith('action.')) {
    return found.map((insight) => step(template, [insight], scope, { task: taskOf(insight) }));
  }
  return [step(template, found, scope, {})];
}

type Matcher = (scope: Scope) => Insight[];

const ofKind = ({ insights }: Scope, kind: Insight['kind']) => insights.filter((one) => one.kind === kind);

const actionsOf = (scope: Scope, isOurs: boolean) =>
  ofKind(scope, 'action_item')
    .filter(({ score }) => score >= scope.rules.thresholds.action)
    .filter(({ evidence }) => (evidence[0]?.side === 'internal') === isOurs)
    .sort((a, b) => (a.due ?? '9999').localeCompare(b.due ?? '9999'));

const competitorsOf = (scope: Scope, stance: Insight['stance']) =>
  ofKind(scope, 'competitor').filter((one) => one.stance === stance);

/** What a template's `when` means. */
const MATCHERS: Readonly<Record<string, Matcher>> = {
  'churn.explicit': (scope) =>
    churnScore(scope.insights) >= scope.rules.thresholds.urgentChurn ? ofKind(scope, 'churn_risk') : [],
  'churn.weak': (scope) => {
    const churn = churnScore(scope.insights);
    const { highChurn, urgentChurn } = scope.rules.thresholds;
    return churn >= highChurn && churn < urgentChurn ? ofKind(scope, 'churn_risk') : [];
  },
  'competitor.evaluating': (scope) => competitorsOf(scope, 'evaluating'),
  'competitor.using': (scope) => competitorsOf(scope, 'using'),
  upsell: (scope) => ofKind(scope, 'upsell').filter(({ score }) => score >= scope.rules.thresholds.upsell),
  'action.ours': (scope) => actionsOf(scope, true),
  'action.theirs': (scope) => actionsOf(scope, false),
  'sentiment.negative': (scope) =>
    ofKind(scope, 'sentiment').filter(
      ({ side, label, subject }) => side === 'external' && label === 'negative' && subject === undefined,
    ),
  nothing: () => [],
};

/** The names a template of the rule files may use. */
export const STEP_CONDITIONS = Object.keys(MATCHERS);

function step(
  template: NextStepTemplate,
  found: readonly Insight[],
  { today }: Scope,
  more: { task?: string },
): NextStep {
  const subjects = [...new Set(found.flatMap(({ subject }) => subject ?? []))].join(', ');
  const text = template.text
    .replaceAll('{subject}', subjects === '' ? 'the competitor' : subjects)
    .replaceAll('{owner}', found[0]?.owner ?? 'The owner')
    .replaceAll('{task}', more.task ?? '');
  const inDays = template.dueInBusinessDays;
  const own = found.find(({ due }) => due !== undefined)?.due;
  const due = inDays === null || today === null ? own : isoDate(plusBusinessDays(today, inDays));
  return { text, insightIds: found.map(({ id }) => id), ...(due === undefined ? {} : { due }) };
}

function taskOf({ evidence }: Insight): string {
  const quote = evidence[0]?.quote ?? '';
  return quote.length <= 160 ? quote : `${quote.slice(0, 157)}...`;
}

function isSameStep(left: ReadonlySet<string>, right: ReadonlySet<string>): boolean {
  const shared = [...left].filter((word) => right.has(word)).length;
  return shared / Math.max(1, left.size + right.size - shared) >= SAME_STEP;
}

function wordsOf(text: string): Set<string> {
  return new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);
}
