import { firstMatch, type Pattern, PREFIX_ANCHOR_LENGTH } from './pattern.js';

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

/**
 * Finds the cues of a sentence. A pattern is tried only where one of its anchor words is, so that the time
 * depends on what is said and hardly on the number of rules.
 */
export class CueIndex<C extends Cue = Cue> {
  private readonly byAnchor = new Map<string, Entry<C>[]>();
  private readonly byPrefix = new Map<string, Entry<C>[]>();

  constructor(cues: readonly C[]) {
    for (const cue of cues) {
      for (const pattern of cue.patterns) this.add(cue, pattern);
    }
  }

  /** @returns the first match of each cue, in the order of the sentence. */
  find(words: readonly string[]): CueMatch<C>[] {
    const tried = new Set<Pattern>();
    const found = new Map<C, CueMatch<C>>();
    for (const word of words) {
      this.tryAll(this.byAnchor.get(word), words, tried, found);
      const prefixed = this.byPrefix.get(word.slice(0, PREFIX_ANCHOR_LENGTH));
      this.tryAll(prefixed, words, tried, found);
    }
    return [...found.values()].sort((a, b) => a.start - b.start);
  }

  has(words: readonly string[]): boolean {
    return this.find(words).length > 0;
  }

  private tryAll(
    entries: readonly Entry<C>[] | undefined,
    words: readonly string[],
    tried: Set<Pattern>,
    found: Map<C, CueMatch<C>>,
  ): void {
    for (const { cue, pattern } of entries ?? []) {
      if (tried.has(pattern)) continue;
      tried.add(pattern);
      this.tryPattern(cue, pattern, words, found);
    }
  }

  private tryPattern(cue: C, pattern: Pattern, words: readonly string[], found: Map<C, CueMatch<C>>): void {
    const match = firstMatch(pattern, words);
    if (match === null) return;
    const before = found.get(cue);
    if (before !== undefined && before.start <= match[0]) return;
    if (before === undefined && cue.unless.some((other) => firstMatch(other, words) !== null)) return;
    found.set(cue, { cue, start: match[0], end: match[1] });
  }

  private add(cue: C, pattern: Pattern): void {
    for (const anchor of new Set(pattern.anchors)) {
      const isPrefix = anchor.endsWith('*');
      const index = isPrefix ? this.byPrefix : this.byAnchor;
      const key = isPrefix ? anchor.slice(0, PREFIX_ANCHOR_LENGTH) : anchor;
      const entries = index.get(key) ?? [];
      entries.push({ cue, pattern });
      index.set(key, entries);
    }
  }
}

interface Entry<C extends Cue> {
  readonly cue: C;
  readonly pattern: Pattern;
}
