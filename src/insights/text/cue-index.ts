import { type Anchor, firstMatch, MAX_ANCHORS, matchAt, type Pattern } from './pattern.js';

/** Something to look for, with what it is worth. */
export interface Cue {
  readonly id: string;
  readonly weight: number;
  readonly patterns: readonly Pattern[];
  /** The cue does not count in a sentence in which one of these is found. */
  readonly unless: readonly Pattern[];
}

/** Where a cue was found: word numbers in the sentence, end exclusive. */
export interface CueMatch<C extends Cue = Cue> {
  readonly cue: C;
  readonly start: number;
  readonly end: number;
}

interface Entry<C extends Cue> {
  readonly cue: C;
  readonly pattern: Pattern;
}

/** What a word means to the index: the numbers of the patterns of which it is an anchor, with the anchors' bits below. */
type WordEntries = Int32Array;

const ANCHOR_BITS = MAX_ANCHORS;
const ANCHOR_MASK = (1 << ANCHOR_BITS) - 1;
/** Sentences after which the marks start anew, so that they stay small integers. */
const MAX_SENTENCES = 1 << 28;
/** Words of all conversations that are remembered; far more than a language has. */
const MAX_REMEMBERED = 50_000;
const NOTHING: WordEntries = new Int32Array();

/** A match, and which pattern found it: where two begin at one word, the one of the lower rank counts. */
interface RankedMatch<C extends Cue> extends CueMatch<C> {
  readonly rank: number;
}

/**
 * Finds the cues of a sentence. A pattern is tried only if words of all its anchors are in the sentence, and only
 * where it can begin, so that the time depends on what is said and hardly on the number of rules.
 */
export class CueIndex<C extends Cue = Cue> {
  private readonly entries: readonly Entry<C>[];
  private readonly byWord = new Map<string, WordEntries>();
  private sentence = 0;
  /** For each pattern the sentence in which an anchor of it was seen last, and the bits of those seen. */
  private readonly marks: Int32Array;
  private readonly allAnchors: Int32Array;
  /** Patterns all of whose anchors are in the sentence at hand; one list for all sentences, filled anew for each. */
  private readonly complete: Int32Array;

  constructor(cues: readonly C[]) {
    this.entries = cues.flatMap((cue) => cue.patterns.map((pattern) => ({ cue, pattern })));
    this.marks = new Int32Array(this.entries.length);
    this.complete = new Int32Array(this.entries.length);
    this.allAnchors = Int32Array.from(this.entries, ({ pattern }) => (1 << pattern.anchors.length) - 1);
  }

  /** @returns the first match of each cue, in the order of the sentence. */
  find(words: readonly string[]): CueMatch<C>[] {
    const count = this.findComplete(words);
    if (count === 0) return NO_MATCHES;
    const found: RankedMatch<C>[] = [];
    for (let order = 0; order < count; order += 1) this.tryPattern(order, words, found);
    if (found.length === 0) return NO_MATCHES;
    return found
      .filter(({ cue }) => !isVoid(cue, words))
      .sort((a, b) => a.start - b.start || a.rank - b.rank);
  }

  /**
   * Lists the patterns of which the sentence has every anchor, in the order in which the last one was met.
   * @returns how many
   */
  private findComplete(words: readonly string[]): number {
    const { marks, allAnchors, complete } = this;
    let count = 0;
    const unmarked = this.nextSentence();
    for (let at = 0; at < words.length; at += 1) {
      const anchored = this.meaning(words[at] as string);
      for (let i = 0; i < anchored.length; i += 1) {
        const packed = anchored[i] as number;
        const number = packed >> ANCHOR_BITS;
        const before = Math.max(unmarked, marks[number] as number);
        const after = before | (packed & ANCHOR_MASK);
        if (after === before) continue;
        marks[number] = after;
        if (after !== (unmarked | (allAnchors[number] as number))) continue;
        complete[count] = number;
        count += 1;
      }
    }
    return count;
  }

  /** @returns the mark of a pattern of which no anchor was seen in the new sentence */
  private nextSentence(): number {
    this.sentence += 1;
    if (this.sentence === MAX_SENTENCES) {
      this.marks.fill(0);
      this.sentence = 1;
    }
    return this.sentence << ANCHOR_BITS;
  }

  /** Keeps the first match of the pattern unless its cue has one before it. Those that begin anywhere rank last. */
  private tryPattern(order: number, words: readonly string[], found: RankedMatch<C>[]): void {
    const number = this.complete[order] as number;
    const { cue, pattern } = this.entries[number] as Entry<C>;
    const { firsts } = pattern;
    const rank = firsts === null ? this.entries.length + order : number;
    const known = placeOf(cue, found);
    const last = lastStart(pattern, words, found[known], rank);
    for (let start = 0; start <= last; start += 1) {
      if (firsts !== null && !firsts.has(words[start] as string)) continue;
      const end = matchAt(pattern, words, start);
      if (end < 0) continue;
      found[known] = { cue, start, end, rank };
      return;
    }
  }

  private meaning(word: string): WordEntries {
    const known = this.byWord.get(word);
    if (known !== undefined) return known;
    const anchored = this.entries.flatMap(({ pattern }, number) => {
      const bits = anchorBits(word, pattern);
      return bits > 0 ? [(number << ANCHOR_BITS) | bits] : [];
    });
    const meaning = anchored.length === 0 ? NOTHING : Int32Array.from(anchored);
    if (this.byWord.size > MAX_REMEMBERED) this.byWord.clear();
    this.byWord.set(word, meaning);
    return meaning;
  }
}

/** Where the match of the cue is, or would be added. */
function placeOf(cue: Cue, found: readonly CueMatch[]): number {
  let at = 0;
  while (at < found.length && found[at]?.cue !== cue) at += 1;
  return at;
}

/** Shared by all sentences in which nothing is found: most. */
const NO_MATCHES: never[] = [];

/** The last word with which a match must begin to come before the one that is known. */
function lastStart(
  { isAtStart }: Pattern,
  words: readonly string[],
  known: RankedMatch<Cue> | undefined,
  rank: number,
): number {
  const last = isAtStart ? 0 : words.length - 1;
  if (known === undefined) return last;
  return Math.min(last, rank < known.rank ? known.start : known.start - 1);
}

/** The anchors of a pattern that this word is, one bit each. */
function anchorBits(word: string, { anchors }: Pattern): number {
  const isIn = ({ words, prefixes }: Anchor) =>
    words.has(word) || prefixes.some((prefix) => word.startsWith(prefix));
  return anchors.reduce((bits, anchor, at) => (isIn(anchor) ? bits | (1 << at) : bits), 0);
}

function isVoid({ unless }: Cue, words: readonly string[]): boolean {
  return unless.some((pattern) => firstMatch(pattern, words) !== null);
}
