import type { Stance } from '../../contracts/insight.js';
import { lineEvidence } from './conversation-view.js';
import type { Finding } from './finding.js';
import { rounded } from './finding.js';
import { type MarkedLine, markedWords } from './marked-line.js';
import type { RuleSet } from './rule-set.js';

/** What was said of one competitor in one turn. */
interface Mention {
  readonly competitor: string;
  readonly turn: number;
  readonly lines: readonly MarkedLine[];
  readonly score: number;
  /** What the turn itself says; null where only the conversation can tell. */
  readonly said: Stance | null;
  /** What it would be if the other side agrees: "are you on Clari?" */
  readonly asked: Stance | null;
  readonly rules: readonly string[];
}

/** Cues of less are hints: they count only where the rest of the conversation says nothing. */
const CLEAR = 0.5;

/** The competitors of a conversation, one finding for each turn that names one, with the customer's stance. */
export function competitorFindings(lines: readonly MarkedLine[], rules: RuleSet): Finding[] {
  const mentions = mentionsOf(lines, rules);
  return mentions.map((mention) => finding(mention, stanceOf(mention, mentions, lines, rules)));
}

function finding(mention: Mention, stance: Stance): Finding {
  return {
    kind: 'competitor',
    rules: [`competitor.${mention.competitor}`, ...mention.rules],
    source: 'rules',
    subject: mention.competitor,
    stance,
    score: rounded(mention.score),
    evidence: mention.lines.map(({ line }) => lineEvidence(line)),
  };
}

function mentionsOf(lines: readonly MarkedLine[], rules: RuleSet): Mention[] {
  const groups = new Map<string, MarkedLine[]>();
  for (const marked of lines) {
    for (const id of new Set(marked.namings.map(({ competitor }) => competitor.id))) {
      const key = `${marked.line.turn.at} ${id}`;
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [marked]);
      else group.push(marked);
    }
  }
  return [...groups].map(([key, group]) => mention(key.slice(key.indexOf(' ') + 1), group, lines, rules));
}

function mention(
  id: string,
  group: readonly MarkedLine[],
  all: readonly MarkedLine[],
  rules: RuleSet,
): Mention {
  const first = group[0];
  const turn = first?.line.turn.at ?? 0;
  const namings = group.flatMap(({ namings }) => namings.filter(({ competitor }) => competitor.id === id));
  const votes = new Map<Stance, number>();
  const cues: string[] = [];
  for (const marked of group) collectVotes(marked, id, all, rules, votes, cues);
  const best = [...votes].sort((a, b) => b[1] - a[1])[0];
  const isClear = best !== undefined && best[1] >= CLEAR;
  const isQuestion = group.some(({ line }) => line.sentence.isQuestion && line.side === 'internal');
  return {
    competitor: id,
    turn,
    lines: group,
    score: Math.max(...namings.map(({ score }) => score)),
    said: isClear && !(isQuestion && canBeAsked(best[0])) ? best[0] : null,
    asked: isQuestion && best !== undefined ? best[0] : null,
    rules: cues,
  };
}

/** "When you dropped Clari, was that on price?" is a question too, but not about that. */
function canBeAsked(stance: Stance): boolean {
  return stance === 'using' || stance === 'evaluating' || stance === 'mention';
}

/** Adds what the line that names it says, and the lines after it that go on about it without naming another. */
function collectVotes(
  marked: MarkedLine,
  id: string,
  all: readonly MarkedLine[],
  rules: RuleSet,
  votes: Map<Stance, number>,
  cues: string[],
): void {
  const words = markedWords(
    marked.line.sentence.words,
    marked.namings,
    ({ competitor }) => (competitor.id === id ? '@' : '@other'),
    rules,
  );
  vote(words, 1, rules, votes, cues);
  const from = all.indexOf(marked);
  for (let ahead = 1; ahead <= 3; ahead += 1) {
    const next = all[from + ahead];
    if (next === undefined || next.line.turn !== marked.line.turn || next.namings.length > 0) return;
    vote(['@it', ...next.words], 0.9, rules, votes, cues);
  }
}

function vote(
  words: readonly string[],
  factor: number,
  rules: RuleSet,
  votes: Map<Stance, number>,
  cues: string[],
): void {
  for (const { cue } of rules.stances.find(words)) {
    votes.set(cue.stance, Math.max(votes.get(cue.stance) ?? 0, cue.weight * factor));
    cues.push(cue.id);
  }
}

function stanceOf(
  mention: Mention,
  all: readonly Mention[],
  lines: readonly MarkedLine[],
  rules: RuleSet,
): Stance {
  if (mention.said !== null) return mention.said;
  const known = knownStance(mention, all);
  if (known !== null) return known;
  if (isOnlyConnected(mention, all)) return 'integration';
  if (isTheirChoice(mention)) return 'evaluating';
  return mention.asked === null ? 'mention' : answeredStance(mention, lines, rules);
}

/** A customer who names another product, and says nothing else of it, compares it with ours. */
function isTheirChoice({ asked, lines, rules }: Mention): boolean {
  return asked === null && rules.length === 0 && lines.every(({ line }) => line.side === 'external');
}

/** Wherever else it is spoken of, it is something to connect to. */
function isOnlyConnected(mention: Mention, all: readonly Mention[]): boolean {
  const said = all.flatMap((other) =>
    other.competitor === mention.competitor && other.said !== null ? [other.said] : [],
  );
  return said.length > 0 && said.every((stance) => stance === 'integration');
}

/** What the conversation last said of this competitor before, or first says after. */
function knownStance(mention: Mention, all: readonly Mention[]): Stance | null {
  const others = all.filter(
    ({ competitor, said }) =>
      competitor === mention.competitor && said !== null && said !== 'integration' && said !== 'mention',
  );
  const before = others.filter(({ turn }) => turn < mention.turn).at(-1);
  const after = others.find(({ turn }) => turn > mention.turn);
  return before?.said ?? (mention.asked === null || isNear(mention, after) ? (after?.said ?? null) : null);
}

function isNear(mention: Mention, other: Mention | undefined): boolean {
  return other !== undefined && other.turn - mention.turn <= 2;
}

/** The stance after our question was answered: yes makes it so, no is a denial, anything else leaves it open. */
function answeredStance(mention: Mention, lines: readonly MarkedLine[], rules: RuleSet): Stance {
  const answer = lines.find(({ line }) => line.turn.at === mention.turn + 1);
  if (answer === undefined || mention.asked === null) return 'mention';
  const replies = new Set(rules.replies.find(answer.words.slice(0, 8)).map(({ cue }) => cue.id));
  if (replies.has('reply.yes')) return mention.asked;
  return replies.has('reply.no') ? 'rejected' : 'mention';
}
