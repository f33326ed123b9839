import type { CueMatch } from '../text/cue-index.js';
import { type ConversationView, type Line, lineEvidence } from './conversation-view.js';
import { combined, type Finding, rounded } from './finding.js';
import type { MarkedLine } from './marked-line.js';
import type { ChurnCue, RuleSet } from './rule-set.js';
import type { Settings } from './setting.rule.js';

/** A sign in one line. */
interface Sign {
  readonly line: Line;
  readonly cue: ChurnCue;
  readonly score: number;
}

/** Signs that only support may add up to this: below "explicit", whatever their number. */
const SUPPORT_LIMIT = 0.58;
/** Evidence beyond this adds nothing that a reader needs. */
const MAX_EVIDENCE = 6;
/** Our own side says it: "so you're not renewing?" repeats, it does not threaten. */
const INTERNAL = 0.2;
const UNKNOWN_SIDE = 0.9;

/** The churn risk of a conversation: one finding that quotes its signs, or none. */
export function churnFinding(
  lines: readonly MarkedLine[],
  view: ConversationView,
  rules: RuleSet,
  settings: Settings,
): Finding | null {
  const candidates = lines.filter(({ churn }) => churn.length > 0);
  if (candidates.length === 0) return null;
  const signs = candidates
    .flatMap((marked) => signsIn(marked, view, settings.isAboutProspect, rules))
    .filter(({ cue, line }) => (cue.isExplicit && !cue.isBare) || !settings.isAboutTransaction(line.turn))
    .map((sign) => (isHeardInFull(sign, view, settings) ? sign : faint(sign)));
  if (signs.length === 0) return null;
  const explicit = bestPerCue(signs.filter(({ cue }) => cue.isExplicit));
  const support = bestPerCue(signs.filter(({ cue }) => !cue.isExplicit));
  const said = combined(explicit.map(({ score }) => score));
  const hinted = Math.min(SUPPORT_LIMIT, combined(support.map(({ score }) => score)));
  const score =
    said >= 0.3 ? combined([said, hinted * 0.3]) : Math.min(SUPPORT_LIMIT, combined([said, hinted]));
  if (score < 0.1) return null;
  const shown = [...signs].sort((a, b) => b.score - a.score).slice(0, MAX_EVIDENCE);
  const quoted = [...new Set(shown.map(({ line }) => line))];
  return {
    kind: 'churn_risk',
    rules: [...new Set(shown.map(({ cue }) => cue.id))],
    source: 'rules',
    score: rounded(score),
    evidence: quoted.map(lineEvidence),
  };
}

/** A note about an account is about us, whatever else it says. */
function isHeardInFull({ cue, line }: Sign, { conversation }: ConversationView, settings: Settings): boolean {
  return cue.isAnywhere || conversation.kind === 'note' || settings.isNearUs(line.turn);
}

/** The same sign said three times is one sign. */
function bestPerCue(signs: readonly Sign[]): Sign[] {
  const best = new Map<string, Sign>();
  for (const sign of signs) {
    const before = best.get(sign.cue.id);
    if (before === undefined || before.score < sign.score) best.set(sign.cue.id, sign);
  }
  return [...best.values()];
}

function signsIn(marked: MarkedLine, view: ConversationView, isProspect: boolean, rules: RuleSet): Sign[] {
  const matches = marked.churn;
  if (matches.length === 0 || marked.context.includes('churn.void')) return [];
  return matches.flatMap((match) => {
    const score = match.cue.weight * factorOf(match, marked, view, rules) * (isProspect ? 0.2 : 1);
    return score < 0.05 ? [] : [{ line: marked.line, cue: match.cue, score }];
  });
}

function factorOf(
  match: CueMatch<ChurnCue>,
  marked: MarkedLine,
  view: ConversationView,
  rules: RuleSet,
): number {
  const isNote = view.conversation.kind === 'note';
  return (isNote ? noteFactor(marked, rules) : sideFactor(marked, view)) * moodFactor(match, marked);
}

const FIRST_PERSONS = new Set(['i', 'we', 'us', 'our', 'my']);

/** "They want to cancel" is the customer's word; who writes "we" may mean us. */
function noteFactor({ words, context }: MarkedLine, { notes }: RuleSet): number {
  const isOwnVoice = words.some((word) => FIRST_PERSONS.has(word)) && !context.includes('about.customer');
  return isOwnVoice ? notes.ownVoice : notes.trust;
}

function sideFactor({ line, context }: MarkedLine, view: ConversationView): number {
  if (line.side === 'external') return 1;
  if (line.side === 'unknown') return UNKNOWN_SIDE;
  if (!view.isInternal) return INTERNAL;
  return context.includes('about.customer') ? 0.85 : 0.15;
}

/** What the sentence makes of the words: denied, only imagined, long past, asked. */
function moodFactor({ cue, start }: CueMatch<ChurnCue>, { words, context, line }: MarkedLine): number {
  if (isDenied(words, start)) return 0;
  if (context.includes('mood.past')) return cue.isExplicit ? 0 : 0.5;
  if (context.includes('mood.threat')) return 1;
  if (context.includes('mood.imagined')) return 0.2;
  if (context.includes('mood.reported')) return 0.5;
  return line.sentence.isQuestion && !cue.isExplicit ? 0.6 : 1;
}

const DENIALS = new Set(['not', 'never', 'without', 'nobody', 'hardly', 'no']);
/** After these a denial is none: "why not cancel", "not only ..." */
const NO_DENIAL = new Set(['why', 'if', 'only', 'just', 'whether', 'sure']);

/** A negation in the four words before the sign; the sign's own "not" is part of it. */
function isDenied(words: readonly string[], start: number): boolean {
  for (let at = Math.max(0, start - 4); at < start; at += 1) {
    if (!DENIALS.has(words[at] ?? '')) continue;
    if (NO_DENIAL.has(words[at - 1] ?? '') || NO_DENIAL.has(words[at + 1] ?? '')) continue;
    return true;
  }
  return false;
}

/** Said while nothing around is about us or what they have of us, it is probably about something else. */
function faint(sign: Sign): Sign {
  return { ...sign, score: sign.score * (sign.cue.isExplicit ? FAR_EXPLICIT : FAR_SUPPORT) };
}

const FAR_EXPLICIT = 0.35;
const FAR_SUPPORT = 0.6;
