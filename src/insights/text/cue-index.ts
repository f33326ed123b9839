import { type Anchor, firstMatch, matchAt, type Pattern } from './pattern.js';

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

/** A pattern of a cue. The numbers are those of the sentence for which they were set last. */
interface Entry<C extends Cue> {
  readonly cue: C;
  readonly pattern: Pattern;
  /** Which of its anchors are in the sentence, one bit each, and which bits are all. */
  anchors: number;
  readonly allAnchors: number;
  anchoredIn: number;
  /** Its first match is known: later starts need not be tried. */
  matchedIn: number;
}

/** What a word means to the index: patterns that need it, and patterns that can begin with it. */
interface WordEntries<C extends Cue> {
  readonly anchored: readonly { readonly entry: Entry<C>; readonly bits: number }[];
  readonly starting: readonly Entry<C>[];
}

/** Words of all conversations that are remembered; far more than a language has. */
const MAX_REMEMBERED = 50_000;

/**
 * Finds the cues of a sentence. A pattern is tried only where it can begin, and only if one of its anchor words
 * is in the sentence, so that the time depends on what is said and hardly on the number of rules.
 */
export class CueIndex<C extends Cue = Cue> {
  private readonly entries: Entry<C>[];
  private readonly byWord = new Map<string, WordEntries<C>>();
  private sentence = 0;

  constructor(cues: readonly C[]) {
    this.entries = cues.flatMap((cue) => cue.patterns.map((pattern) => entryOf(cue, pattern)));
  }

  /** @returns the first match of each cue, in the order of the sentence. */
  find(words: readonly string[]): CueMatch<C>[] {
    this.sentence += 1;
    const meanings = words.map(this.meaning);
    const anywhere = this.anchor(meanings);
    if (anywhere === null) return [];
    const found = new Map<C, CueMatch<C>>();
    for (let at = 0; at < words.length; at += 1) {
      this.tryAll(meanings[at]?.starting ?? [], words, at, found);
      if (anywhere.length > 0) this.tryAll(anywhere, words, at, found);
    }
    if (found.size === 0) return [];
    return [...found.values()].filter(({ cue }) => !isVoid(cue, words));
  }

  /**
   * Marks the patterns that have all their anchors in the sentence.
   * @returns those among them that can begin with any word; null if there is none at all
   */
  private anchor(meanings: readonly WordEntries<C>[]): readonly Entry<C>[] | null {
    const anywhere: Entry<C>[] = [];
    let isAnchored = false;
    for (const { anchored } of meanings) {
      for (const { entry, bits } of anchored) {
        if (!this.mark(entry, bits)) continue;
        isAnchored = true;
        if (entry.pattern.firsts === null) anywhere.push(entry);
      }
    }
    return isAnchored ? anywhere : null;
  }

  /** @returns whether this was the last anchor that was missing */
  private mark(entry: Entry<C>, bits: number): boolean {
    const before = entry.anchoredIn === this.sentence ? entry.anchors : 0;
    entry.anchoredIn = this.sentence;
    entry.anchors = before | bits;
    return before !== entry.allAnchors && entry.anchors === entry.allAnchors;
  }

  private tryAll(
    entries: readonly Entry<C>[],
    words: readonly string[],
    at: number,
    found: Map<C, CueMatch<C>>,
  ): void {
    for (const entry of entries) {
      if (entry.anchoredIn !== this.sentence || entry.anchors !== entry.allAnchors) continue;
      if (entry.matchedIn === this.sentence) continue;
      if (at > 0 && entry.pattern.isAtStart) continue;
      const end = matchAt(entry.pattern, words, at);
      if (end < 0) continue;
      entry.matchedIn = this.sentence;
      if (!found.has(entry.cue)) found.set(entry.cue, { cue: entry.cue, start: at, end });
    }
  }

  private readonly meaning = (word: string): WordEntries<C> => {
    const known = this.byWord.get(word);
    if (known !== undefined) return known;
    const anchored = this.entries
      .map((entry) => ({ entry, bits: anchorBits(word, entry.pattern) }))
      .filter(({ bits }) => bits > 0);
    const starting = this.entries.filter(({ pattern }) => pattern.firsts?.has(word) === true);
    const isNothing = anchored.length === 0 && starting.length === 0;
    const meaning = isNothing ? NO_ENTRIES : { anchored, starting };
    if (this.byWord.size > MAX_REMEMBERED) this.byWord.clear();
    this.byWord.set(word, meaning);
    return meaning;
  };
}

const NO_ENTRIES = { anchored: [], starting: [] } as const;

function entryOf<C extends Cue>(cue: C, pattern: Pattern): Entry<C> {
  const allAnchors = (1 << pattern.anchors.length) - 1;
  return { cue, pattern, anchors: 0, allAnchors, anchoredIn: 0, matchedIn: 0 };
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
