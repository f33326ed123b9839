import type { Party } from '../../contracts/conversation.js';
import { type Evidence, type Insight, PRIORITIES } from '../../contracts/insight.js';
import { type CalendarDay, isoDate } from '../text/calendar.js';
import { dueDate } from '../text/due-date.js';
import { type ConversationView, type Line, lineEvidence } from './conversation-view.js';
import { type Finding, rounded } from './finding.js';
import type { ModelCaps, ModelFinding } from './model-finding.js';
import type { Prioritised } from './priority.rule.js';
import type { RuleSet } from './rule-set.js';

/** What becomes of the model's findings. */
export interface Reviewed {
  /** The insights of the rules, all of them, some with a higher score. */
  readonly insights: readonly Insight[];
  /** What the model alone has found. */
  readonly additions: readonly Finding[];
  readonly raised: number;
  readonly dropped: number;
}

/**
 * Takes the model's findings in, within the caps. A quote is always our own sentence; a finding that names none
 * of them is dropped. What the rules have found stays, whatever the model says.
 */
export function reviewed(
  found: readonly ModelFinding[],
  insights: readonly Insight[],
  view: ConversationView,
  rules: RuleSet,
  today: CalendarDay | null,
): Reviewed {
  const merged = [...insights];
  const additions: Finding[] = [];
  let [raised, dropped] = [0, 0];
  for (const finding of found) {
    const addition = additionOf(finding, view, rules, today);
    if (addition === null) {
      dropped += 1;
      continue;
    }
    const at = merged.findIndex((insight) => isSame(insight, addition));
    const before = merged[at];
    if (before === undefined) addOnce(additions, addition);
    else {
      merged[at] = raisedTo(finding.score, before, rules.modelCaps);
      if (merged[at] !== before) raised += 1;
    }
  }
  return { insights: merged, additions, raised, dropped };
}

/** The model may make it one step more pressing than the rules do, and never urgent. */
export function cappedPriority(byRules: Prioritised, together: Prioritised): Prioritised {
  const [own, wanted] = [byRules, together].map(({ priority }) => PRIORITIES.indexOf(priority));
  const most = Math.min(PRIORITIES.indexOf('high'), (own ?? 0) + 1, wanted ?? 0);
  const priority = PRIORITIES[most];
  if (priority === undefined || most <= (own ?? 0)) return byRules;
  return {
    priority,
    reasons: [...together.reasons, 'partly by a language model, which makes nothing urgent'],
  };
}

function additionOf(
  finding: ModelFinding,
  { lines, conversation }: ConversationView,
  rules: RuleSet,
  today: CalendarDay | null,
): Finding | null {
  const quoted = [...new Set(finding.sentenceIds)].flatMap((id) => lines[id] ?? []);
  if (!isUsable(finding, quoted, rules)) return null;
  const owner = finding.owner === null ? undefined : conversation.parties[finding.owner];
  return {
    kind: finding.kind,
    rules: [`llm.${finding.kind.replace('_', '-')}`],
    source: 'llm',
    score: rounded(Math.min(finding.score, rules.modelCaps.maxAdded)),
    evidence: quoted.map(lineEvidence),
    ...(finding.kind === 'competitor' && {
      subject: finding.subject ?? '',
      stance: finding.stance ?? 'mention',
    }),
    ...(finding.kind === 'action_item' && taskOf(owner, quoted, today)),
  };
}

function isUsable(
  { kind, score, subject }: ModelFinding,
  quoted: readonly Line[],
  { competitors, modelCaps }: RuleSet,
): boolean {
  if (quoted.length === 0 || score < modelCaps.minScore) return false;
  if (kind === 'competitor') return competitors.some(({ id }) => id === subject);
  // What we say ourselves is neither a threat nor a wish of theirs.
  return kind === 'action_item' || quoted.some(({ side }) => side !== 'internal');
}

/** The date is read by us: what the model makes of "by Friday" is not asked. */
function taskOf(
  party: Party | undefined,
  quoted: readonly Line[],
  today: CalendarDay | null,
): Partial<Finding> {
  const owner = party?.name ?? party?.emailAddress ?? null;
  const days = today === null ? [] : quoted.map(({ sentence }) => dueDate(sentence.words, today)?.day);
  const day = days.find((one) => one !== undefined && one !== null);
  return {
    ...(owner !== null && { owner }),
    ...(day !== undefined && day !== null && { due: isoDate(day) }),
  };
}

/** A conversation has one risk and one chance; a competitor or a task is the same where a sentence is. */
function isSame(insight: Insight, addition: Finding): boolean {
  if (insight.kind !== addition.kind || insight.source === 'gong') return false;
  if (insight.kind === 'churn_risk' || insight.kind === 'upsell') return true;
  if (insight.kind === 'competitor' && insight.subject !== addition.subject) return false;
  return insight.evidence.some((left) => addition.evidence.some((right) => isSamePlace(left, right)));
}

function isSamePlace(left: Evidence, right: Evidence): boolean {
  return left.field === right.field && left.quote === right.quote;
}

function raisedTo(score: number, insight: Insight, { maxRaise }: ModelCaps): Insight {
  const most = rounded(Math.min(score, insight.score + maxRaise));
  return most > insight.score ? { ...insight, score: most } : insight;
}

function addOnce(additions: Finding[], addition: Finding): void {
  const isThere = additions.some(
    (other) =>
      other.kind === addition.kind &&
      other.subject === addition.subject &&
      other.evidence.some((left) => addition.evidence.some((right) => isSamePlace(left, right))),
  );
  if (!isThere) additions.push(addition);
}
