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

/**
 * What a word means to the index, as numbers of patterns: those of which it is an anchor, with the bits of the
 * anchors below the number; and those that can begin with it.
 */
interface WordEntries {
  readonly anchored: Int32Array;
  readonly starting: Int32Array;
}

const ANCHOR_BITS = MAX_ANCHORS;
const ANCHOR_MASK = (1 << ANCHOR_BITS) - 1;
/** Sentences after which the marks start anew, so that they stay small integers. */
const MAX_SENTENCES = 1 << 28;
/** Words of all conversations that are remembered; far more than a language has. */
const MAX_REMEMBERED = 50_000;
const NOTHING: WordEntries = { anchored: new Int32Array(), starting: new Int32Array() };

/**
 * Finds the cues of a sentence. A pattern is tried only where it can begin, and only if words of its anchors are
 * in the sentence, so that the time depends on what is said and hardly on the number of rules.
 */
export class CueIndex<C extends Cue = Cue> {
  private readonly entries: readonly Entry<C>[];
  private readonly byWord = new Map<string, WordEntries>();
  private sentence = 0;
  /** For each pattern the sentence in which an anchor of it was seen last, and the bits of those seen. */
  private readonly marks: Int32Array;
  private readonly allAnchors: Int32Array;
  /** Of the words of the sentence at hand; one array for all, because there are many. */
  private readonly meanings: WordEntries[] = [];

  constructor(cues: readonly C[]) {
    this.entries = cues.flatMap((cue) => cue.patterns.map((pattern) => ({ cue, pattern })));
    this.marks = new Int32Array(this.entries.length);
    this.allAnchors = Int32Array.from(this.entries, ({ pattern }) => (1 << pattern.anchors.length) - 1);
  }

  /** @returns the first match of each cue, in the order of the sentence. */
  find(words: readonly string[]): CueMatch<C>[] {
    const anywhere = this.anchor(words);
    if (anywhere === null) return [];
    const found = new Map<C, CueMatch<C>>();
    for (let at = 0; at < words.length; at += 1) {
      const starting = this.meanings[at]?.starting ?? NOTHING.starting;
      for (let i = 0; i < starting.length; i += 1) this.tryAt(starting[i] as number, words, at, found);
      for (const number of anywhere) this.tryAt(number, words, at, found);
    }
    if (found.size === 0) return [];
    return [...found.values()].filter(({ cue }) => !isVoid(cue, words));
  }

  /**
   * Marks the patterns by the anchors that are in the sentence.
   * @returns the completely anchored ones that can begin with any word; null if none is completely anchored
   */
  private anchor(words: readonly string[]): readonly number[] | null {
    const unmarked = this.nextSentence();
    let anywhere: number[] | null = null;
    for (let at = 0; at < words.length; at += 1) {
      const meaning = this.meaning(words[at] as string);
      this.meanings[at] = meaning;
      const { anchored } = meaning;
      for (let i = 0; i < anchored.length; i += 1) {
        const packed = anchored[i] as number;
        if (!this.mark(packed, unmarked)) continue;
        anywhere ??= [];
        const number = packed >> ANCHOR_BITS;
        if (this.entries[number]?.pattern.firsts === null) anywhere.push(number);
      }
    }
    return anywhere;
  }

  /** @returns whether this was the last anchor of the pattern that was missing */
  private mark(packed: number, unmarked: number): boolean {
    const number = packed >> ANCHOR_BITS;
    const before = Math.max(unmarked, this.marks[number] as number);
    const after = before | (packed & ANCHOR_MASK);
    this.marks[number] = after;
    return after !== before && after === (unmarked | (this.allAnchors[number] as number));
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

  private tryAt(number: number, words: readonly string[], at: number, found: Map<C, CueMatch<C>>): void {
    const complete = (this.sentence << ANCHOR_BITS) | (this.allAnchors[number] as number);
    if (this.marks[number] !== complete) return;
    const { cue, pattern } = this.entries[number] as Entry<C>;
    if ((at > 0 && pattern.isAtStart) || found.has(cue)) return;
    const end = matchAt(pattern, words, at);
    if (end >= 0) found.set(cue, { cue, start: at, end });
  }

  private meaning(word: string): WordEntries {
    const known = this.byWord.get(word);
    if (known !== undefined) return known;
    const anchored: number[] = [];
    const starting: number[] = [];
    for (const [number, { pattern }] of this.entries.entries()) {
      const bits = anchorBits(word, pattern);
      if (bits > 0) anchored.push((number << ANCHOR_BITS) | bits);
      if (pattern.firsts?.has(word) === true) starting.push(number);
    }
    const isNothing = anchored.length === 0 && starting.length === 0;
    const meaning = isNothing
      ? NOTHING
      : { anchored: Int32Array.from(anchored), starting: Int32Array.from(starting) };
    if (this.byWord.size > MAX_REMEMBERED) this.byWord.clear();
    this.byWord.set(word, meaning);
    return meaning;
  }
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
