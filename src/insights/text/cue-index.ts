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
    const candidates = this.candidates(words);
    if (candidates.size === 0) return [];
    const found = new Map<C, CueMatch<C>>();
    for (const { cue, pattern } of candidates) {
      const match = firstMatch(pattern, words);
      if (match === null) continue;
      const before = found.get(cue);
      if (before === undefined || match[0] < before.start) {
        found.set(cue, { cue, start: match[0], end: match[1] });
      }
    }
    return [...found.values()].filter(({ cue }) => !isVoid(cue, words)).sort((a, b) => a.start - b.start);
  }

  private candidates(words: readonly string[]): Set<Entry<C>> {
    const candidates = new Set<Entry<C>>();
    for (const word of words) {
      const entries = this.byAnchor.get(word);
      if (entries !== undefined) for (const entry of entries) candidates.add(entry);
      const prefixed = this.byPrefix.get(word.slice(0, PREFIX_ANCHOR_LENGTH));
      if (prefixed !== undefined) for (const entry of prefixed) candidates.add(entry);
    }
    return candidates;
  }

  private add(cue: C, pattern: Pattern): void {
    const entry = { cue, pattern };
    for (const anchor of new Set(pattern.anchors)) {
      const isPrefix = anchor.endsWith('*');
      const index = isPrefix ? this.byPrefix : this.byAnchor;
      const key = isPrefix ? anchor.slice(0, PREFIX_ANCHOR_LENGTH) : anchor;
      const entries = index.get(key) ?? [];
      entries.push(entry);
      index.set(key, entries);
    }
  }
}

function isVoid({ unless }: Cue, words: readonly string[]): boolean {
  return unless.some((pattern) => firstMatch(pattern, words) !== null);
}

interface Entry<C extends Cue> {
  readonly cue: C;
  readonly pattern: Pattern;
}
