import type { Side } from '../../contracts/insight.js';
import { type Line, lineEvidence } from './conversation-view.js';
import { type Finding, rounded } from './finding.js';
import type { MarkedLine } from './marked-line.js';
import type { RuleSet, SentimentLabel } from './rule-set.js';

/** A line and its sentiment, -1 to 1. */
interface Scored {
  readonly line: Line;
  readonly value: number;
  /** It complains of us: polite words do not make it kind. */
  readonly isComplaint: boolean;
}

/** What each complaint in a hundred lines takes from the mean of the others. */
const COMPLAINT = 2.5;

const MAX_EVIDENCE = 3;
/** A single text says what it says; in a whole call small talk and courtesy have to be averaged out. */
const SHORT_TEXT_LINES = 4;
const SHORT_TEXT_LIMIT = 0.05;

/** The sentiment of each side that spoke, and of each speaker where a side has several. */
export function sentimentFindings(lines: readonly MarkedLine[], rules: RuleSet): Finding[] {
  const scored = lines.map(({ line, sentiment, churn }) => ({
    line,
    value: sentiment,
    isComplaint: line.side !== 'internal' && churn.some(({ cue }) => cue.isComplaint),
  }));
  const sides = [...new Set(scored.map(({ line }) => line.side))];
  return sides.flatMap((side) => {
    const ofSide = scored.filter(({ line }) => line.side === side);
    const speakers = [...new Set(ofSide.map(({ line }) => line.partyIndex))];
    const perSpeaker =
      speakers.length < 2
        ? []
        : speakers.flatMap((partyIndex) => {
            const ofSpeaker = ofSide.filter(({ line }) => line.partyIndex === partyIndex);
            const name = ofSpeaker[0]?.line.party?.name ?? null;
            return name === null ? [] : [finding(ofSpeaker, side, name, rules)];
          });
    return [finding(ofSide, side, null, rules), ...perSpeaker];
  });
}

function finding(scored: readonly Scored[], side: Side, speaker: string | null, rules: RuleSet): Finding {
  const value = overall(scored);
  const label = labelOf(value, scored.length, rules);
  return {
    kind: 'sentiment',
    rules: ['sentiment.lexicon'],
    source: 'rules',
    label,
    side,
    ...(speaker === null ? {} : { subject: speaker }),
    score: rounded(Math.abs(value)),
    evidence: evidenceFor(scored, label).map(({ line }) => lineEvidence(line)),
  };
}

/** The mean over the lines that carry any feeling at all; in a conversation less what is complained of. */
function overall(scored: readonly Scored[]): number {
  const sum = scored.reduce((total, { value }) => total + value, 0);
  const felt = scored.filter(({ value }) => value !== 0).length;
  if (scored.length < SHORT_TEXT_LINES) return felt === 0 ? 0 : sum / felt;
  const complaints = scored.filter(({ isComplaint }) => isComplaint).length / scored.length;
  return Math.max(-1, sum / (felt + HELD_BACK) - COMPLAINT * complaints);
}

/** So many lines without feeling are added, so that a few say little. */
const HELD_BACK = 4;

function labelOf(value: number, lineCount: number, rules: RuleSet): SentimentLabel {
  const isShort = lineCount < SHORT_TEXT_LINES;
  const { negative, positive } = rules.sentimentLimits;
  if (value <= (isShort ? -SHORT_TEXT_LIMIT : negative)) return 'negative';
  return value >= (isShort ? SHORT_TEXT_LIMIT : positive) ? 'positive' : 'neutral';
}

/** The lines that say it most clearly, the first of equals first; for a neutral finding the strongest either way. */
function evidenceFor(scored: readonly Scored[], label: SentimentLabel): Scored[] {
  const direction = label === 'negative' ? -1 : label === 'positive' ? 1 : 0;
  const strength = ({ value }: Scored) => (direction === 0 ? Math.abs(value) : value * direction);
  const strongest: Scored[] = [];
  for (const one of scored) {
    const weakest = strongest[MAX_EVIDENCE - 1];
    if (weakest !== undefined && strength(weakest) >= strength(one)) continue;
    strongest.push(one);
    strongest.sort((a, b) => strength(b) - strength(a));
    strongest.length = Math.min(strongest.length, MAX_EVIDENCE);
  }
  return strongest;
}
