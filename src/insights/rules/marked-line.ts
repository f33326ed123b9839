import type { CueMatch } from '../text/cue-index.js';
import { type TokenizedSentence } from '../text/tokens.js';
import { CAPITAL } from '../text/word-forms.js';
import type { Line } from './conversation-view.js';
import { type Naming, namingsIn } from './naming.rule.js';
import type { ActionCue, ChurnCue, RuleSet, SentenceCue } from './rule-set.js';
import { NAME, OURS } from './vocabulary.js';

/** A line in which every competitor's name is the one word `@`, as the patterns of the rule files expect. */
export interface MarkedLine {
  readonly line: Line;
  readonly namings: readonly Naming[];
  readonly words: readonly string[];
  /** Those of the words; undefined where a name was replaced. */
  readonly numbers: readonly number[] | undefined;
  /** Ids of the context cues of the sentence (negation, hypothesis, ...); empty where nothing else was found. */
  readonly context: readonly string[];
  readonly churn: readonly CueMatch<ChurnCue>[];
  readonly upsell: readonly CueMatch[];
  readonly actions: readonly CueMatch<ActionCue>[];
  /** -1 to 1 */
  readonly sentiment: number;
}

/** @param written the line's words as written */
export function markLine(line: Line, written: TokenizedSentence, rules: RuleSet): MarkedLine {
  const { bits, felt } = rules.vocabulary.read(written);
  const namings = (bits & NAME) === 0 ? NOBODY : namingsIn(written, rules.names, rules);
  const hasNames = namings.length > 0 || (bits & OURS) > 0;
  const words = hasNames
    ? markedWords(withModules(written, rules), namings, () => '@', rules)
    : written.words;
  const sentiment = rules.sentiment.score(written, line.utterance.text, felt);
  const numbers = hasNames ? undefined : written.numbers;
  const matches = rules.sentence.find(words, numbers);
  const { churn, upsell, actions } = byKind(matches);
  const context =
    matches.length === 0 ? NO_CONTEXT : rules.context.find(words, numbers).map(({ cue }) => cue.id);
  return { line, namings, words, numbers, sentiment, context, churn, upsell, actions };
}

const NOBODY: readonly Naming[] = [];
const NO_CONTEXT: readonly string[] = [];

type Found = Pick<MarkedLine, 'churn' | 'upsell' | 'actions'>;

const NOTHING: Found = { churn: [], upsell: [], actions: [] };

function byKind(matches: readonly CueMatch<SentenceCue>[]): Found {
  if (matches.length === 0) return NOTHING;
  const churn: CueMatch<ChurnCue>[] = [];
  const upsell: CueMatch[] = [];
  const actions: CueMatch<ActionCue>[] = [];
  for (const { cue, start, end } of matches) {
    if (cue.kind === 'churn') churn.push({ cue, start, end });
    else if (cue.kind === 'upsell') upsell.push({ cue, start, end });
    else actions.push({ cue, start, end });
  }
  return { churn, upsell, actions };
}

/**
 * The words with our modules' names marked `_module`. They are words of everyday speech too ("our forecast"),
 * so a small one counts only where no article, possessive or noun beside it makes it one.
 */
function withModules(written: TokenizedSentence, rules: RuleSet): readonly string[] {
  const isMarked = (word: string, at: number) => rules.modules.has(word) && isModule(written, at);
  return written.words.map((word, at) => (isMarked(word, at) ? '_module' : word));
}

function isModule({ words, marks }: TokenizedSentence, at: number): boolean {
  if (at === 0) return false;
  if (((marks[at] ?? 0) & CAPITAL) > 0) return true;
  return !COMMON_BEFORE.has(words[at - 1] ?? '') && !COMMON_AFTER.has(words[at + 1] ?? '');
}

const COMMON_BEFORE = new Set(
  'the a an our your my their his her its this that these those some any no of to will can could we i they you one last next new first better more two three each every and real deep useful good great key'.split(
    ' ',
  ),
);
const COMMON_AFTER = new Set(
  'accuracy call calls number numbers meeting category categories the a it that this into from what everything wrote is was report reports reviews review and'.split(
    ' ',
  ),
);

/** The words with names replaced: competitors by what `markOf` says, our own names by `us`. */
export function markedWords(
  words: readonly string[],
  namings: readonly Naming[],
  markOf: (naming: Naming) => string,
  rules: RuleSet,
): readonly string[] {
  const marked: string[] = [];
  let at = 0;
  for (const naming of namings) {
    for (; at < naming.start; at += 1) marked.push(oursMarked(words[at] ?? '', rules));
    marked.push(markOf(naming));
    at = naming.end;
  }
  for (; at < words.length; at += 1) marked.push(oursMarked(words[at] ?? '', rules));
  return marked;
}

function oursMarked(word: string, rules: RuleSet): string {
  return rules.ours.has(word) ? '_ours' : word;
}
