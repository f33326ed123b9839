import type { Analysis, Insight } from '../../contracts/insight.js';
import { analyseNow } from '../rules.engine.js';
import type { RuleSet } from '../rules/rule-set.js';
import { churnScore } from '../rules/priority.rule.js';
import type { CallLabels, LabelledCall } from './call-line.js';
import { hasKeyword, keywordMentions } from './keyword-baseline.js';
import { type Counts, countsOf } from './metrics.js';

/** How many of those that were found are right in a further respect. */
export interface Share {
  readonly right: number;
  readonly of: number;
}

export interface CallScores {
  readonly calls: number;
  readonly hours: number;
  readonly competitor: Counts;
  readonly stance: Share;
  readonly churn: Counts;
  readonly churnLevel: Share;
  readonly upsell: Counts;
  readonly action: Counts;
  readonly owner: Share;
  readonly due: Share;
  readonly sentiment: Share;
  readonly priority: Share;
  readonly baseline: {
    readonly competitor: Counts;
    readonly churn: Counts;
    readonly upsell: Counts;
    readonly action: Counts;
  };
}

type Call = LabelledCall & { readonly labels: CallLabels };

/** One call with what was found in it. */
interface Judged {
  readonly call: Call;
  readonly analysis: Analysis;
}

/**
 * Compares the engine with people's labels: competitors by turn and id; churn and upsell by call; actions by
 * turn, where the request or the promise may be the turn named.
 */
export function scoreCalls(calls: readonly Call[], rules: RuleSet): CallScores {
  const judged = calls.map((call) => ({ call, analysis: analyseNow(call.conversation, rules) }));
  const competitors = judged.map(matchCompetitors);
  const actions = judged.map((one) => matchActions(one, rules));
  const { upsell: upsellFrom } = rules.thresholds;
  return {
    calls: calls.length,
    hours: calls.reduce((sum, { conversation }) => sum + (conversation.durationSeconds ?? 0), 0) / 3600,
    competitor: total(competitors.map(({ counts }) => counts)),
    stance: share(competitors.flatMap(({ stances }) => stances)),
    churn: countsOf(judged.map((one) => [levelFound(one, rules) !== 'none', isChurn(one.call)])),
    churnLevel: share(judged.map((one) => levelFound(one, rules) === one.call.labels.churn.level)),
    upsell: countsOf(
      judged.map(({ call, analysis }) => [bestScore(analysis, 'upsell') >= upsellFrom, isUpsell(call)]),
    ),
    action: total(actions.map(({ counts }) => counts)),
    owner: share(actions.flatMap(({ owners }) => owners)),
    due: share(actions.flatMap(({ dues }) => dues)),
    sentiment: share(judged.map(({ call, analysis }) => sentimentFound(analysis) === call.labels.sentiment)),
    priority: share(judged.map(({ call, analysis }) => analysis.priority === call.labels.priority)),
    baseline: baselineOf(calls, rules),
  };
}

const isChurn = ({ labels }: Call) => labels.churn.level !== 'none';
const isUpsell = ({ labels }: Call) => labels.upsell.level !== 'none';

function levelFound({ analysis }: Judged, { thresholds }: RuleSet): CallLabels['churn']['level'] {
  const score = churnScore(analysis.insights);
  if (score >= thresholds.urgentChurn) return 'strong';
  return score >= thresholds.highChurn ? 'weak' : 'none';
}

function bestScore({ insights }: Analysis, kind: Insight['kind']): number {
  return Math.max(0, ...insights.filter((insight) => insight.kind === kind).map(({ score }) => score));
}

/** Of the external side as a whole; who did not speak is neutral. */
function sentimentFound({ insights }: Analysis): string {
  const found = insights.find(
    ({ kind, side, subject }) => kind === 'sentiment' && side === 'external' && subject === undefined,
  );
  return found?.label ?? 'neutral';
}

function matchCompetitors({ call, analysis }: Judged): { counts: Counts; stances: boolean[] } {
  const left = [...call.labels.competitors];
  const stances: boolean[] = [];
  let wrong = 0;
  for (const { kind, subject, stance, evidence } of analysis.insights) {
    if (kind !== 'competitor') continue;
    const at = left.findIndex((label) => label.turn === evidence[0]?.turn && label.competitor === subject);
    const label = left[at];
    if (label === undefined) wrong += 1;
    else {
      stances.push(label.stance === stance);
      left.splice(at, 1);
    }
  }
  return { counts: { right: stances.length, wrong, missed: left.length }, stances };
}

function matchActions({ call, analysis }: Judged, rules: RuleSet) {
  const left = [...call.labels.actions];
  const owners: boolean[] = [];
  const dues: boolean[] = [];
  let wrong = 0;
  for (const { kind, score, owner, due, evidence } of analysis.insights) {
    if (kind !== 'action_item' || score < rules.thresholds.action) continue;
    const turns = evidence.map(({ turn }) => turn);
    const first = left.findIndex((label) => label.turn === turns[0]);
    const at = first >= 0 ? first : left.findIndex((label) => turns.includes(label.turn));
    const label = left[at];
    if (label === undefined) wrong += 1;
    else {
      owners.push(label.owner === owner);
      dues.push((label.due ?? undefined) === due);
      left.splice(at, 1);
    }
  }
  return { counts: { right: owners.length, wrong, missed: left.length }, owners, dues };
}

function baselineOf(calls: readonly Call[], rules: RuleSet): CallScores['baseline'] {
  const anyTurn = (call: Call, kind: 'churn' | 'upsell') =>
    call.conversation.utterances.some(({ text }) => hasKeyword(kind, text));
  return {
    competitor: total(calls.map((call) => keywordCompetitors(call, rules))),
    churn: countsOf(calls.map((call) => [anyTurn(call, 'churn'), isChurn(call)])),
    upsell: countsOf(calls.map((call) => [anyTurn(call, 'upsell'), isUpsell(call)])),
    action: total(calls.map(keywordActions)),
  };
}

function keywordCompetitors(call: Call, rules: RuleSet): Counts {
  const said = keywordMentions(call.conversation, rules.competitors);
  const { competitors } = call.labels;
  const isSame = (a: { turn: number; competitor: string }, b: { turn: number; competitor: string }) =>
    a.turn === b.turn && a.competitor === b.competitor;
  const right = said.filter((one) => competitors.some((label) => isSame(label, one))).length;
  return { right, wrong: said.length - right, missed: competitors.length - right };
}

function keywordActions({ conversation, labels }: Call): Counts {
  const turns = new Set(labels.actions.map(({ turn }) => turn));
  return countsOf(
    conversation.utterances.map(({ text, turn }) => [hasKeyword('action', text), turns.has(turn)]),
  );
}

function total(counts: readonly Counts[]): Counts {
  const sum = (key: keyof Counts) => counts.reduce((all, one) => all + one[key], 0);
  return { right: sum('right'), wrong: sum('wrong'), missed: sum('missed') };
}

function share(answers: readonly boolean[]): Share {
  return { right: answers.filter(Boolean).length, of: answers.length };
}
