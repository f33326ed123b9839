import type { Anchor } from './anchors.js';

/**
 * The small language of the rule files. A pattern is a sequence of words, matched anywhere in a sentence:
 *
 *   renew            this word                      renew*        any word that begins so
 *   renew|extend     one of these words             (a b|c d)     one of these sequences
 *   the?             may be missing                 ..3           up to three words of any kind
 *   _                exactly one word               #             a number, in digits or words
 *   <list>           an entry of a list             !x            x does not follow here
 *   ^                start of the sentence          $             its end
 *
 * There is no unbounded repetition, so no pattern can take longer than its length times the sentence's.
 */
export type PatternNode = (words: readonly string[], at: number) => number;

/** A compiled pattern. */
export interface Pattern {
  readonly source: string;
  readonly root: PatternNode;
  /** At least one; a sentence that matches has all. */
  readonly anchors: readonly Anchor[];
  /** A match has at least so many words. */
  readonly minWords: number;
  /** The words a match can begin with; null: any. */
  readonly firsts: ReadonlySet<string> | null;
  /** Matches only at the start of a sentence. */
  readonly isAtStart: boolean;
}

const NUMBER_WORDS = new Set(
  'one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million dozen couple'.split(
    ' ',
  ),
);

export function isNumber(word: string): boolean {
  const code = word.charCodeAt(0);
  return (code >= 48 && code <= 57) || NUMBER_WORDS.has(word);
}

/** Far above what a rule needs; stops a pattern of nothing but alternatives and gaps. */
const MAX_STEPS = 4000;
let steps = 0;

/** @returns index after the match that begins at `from`, or -1. */
export function matchAt(pattern: Pattern, words: readonly string[], from: number): number {
  steps = 0;
  return pattern.root(words, from);
}

/** The first match in the sentence, as [start, end), or null. */
export function firstMatch(pattern: Pattern, words: readonly string[]): readonly [number, number] | null {
  const { firsts } = pattern;
  const last = pattern.isAtStart ? Math.min(1, words.length) : words.length;
  for (let start = 0; start < last; start += 1) {
    if (firsts !== null && !firsts.has(words[start] as string)) continue;
    const end = matchAt(pattern, words, start);
    if (end >= 0) return [start, end];
  }
  return null;
}

function isOneOf(word: string | undefined, all: ReadonlySet<string>, prefixes: readonly string[]): boolean {
  if (word === undefined) return false;
  if (all.has(word)) return true;
  for (let at = 0; at < prefixes.length; at += 1) if (word.startsWith(prefixes[at] as string)) return true;
  return false;
}

/** The parts of a pattern as functions: each answers where a match that begins at `at` ends, or -1. */
export const nodes = {
  accept: (): PatternNode => (_words, at) => at,

  start:
    (next: PatternNode): PatternNode =>
    (words, at) =>
      at === 0 ? next(words, at) : -1,

  end:
    (next: PatternNode): PatternNode =>
    (words, at) =>
      at === words.length ? next(words, at) : -1,

  any:
    (next: PatternNode): PatternNode =>
    (words, at) =>
      at < words.length ? next(words, at + 1) : -1,

  number:
    (next: PatternNode): PatternNode =>
    (words, at) =>
      isNumber(words[at] ?? '') ? next(words, at + 1) : -1,

  word: (all: ReadonlySet<string>, prefixes: readonly string[], next: PatternNode): PatternNode => {
    const [only] = all;
    if (prefixes.length > 0) {
      return (words, at) => (isOneOf(words[at], all, prefixes) ? next(words, at + 1) : -1);
    }
    if (all.size === 1) return (words, at) => (words[at] === only ? next(words, at + 1) : -1);
    return (words, at) => (at < words.length && all.has(words[at] as string) ? next(words, at + 1) : -1);
  },

  gap:
    (max: number, next: PatternNode): PatternNode =>
    (words, at) => {
      const last = Math.min(words.length, at + max);
      for (let from = at; from <= last && steps <= MAX_STEPS; from += 1) {
        steps += 1;
        const end = next(words, from);
        if (end >= 0) return end;
      }
      return -1;
    },

  either:
    (ways: readonly PatternNode[]): PatternNode =>
    (words, at) => {
      for (let number = 0; number < ways.length; number += 1) {
        steps += 1;
        const end = steps > MAX_STEPS ? -1 : (ways[number] as PatternNode)(words, at);
        if (end >= 0) return end;
      }
      return -1;
    },

  /** Like `either`, where the next word tells which ways are possible at all. */
  choice:
    (byWord: ReadonlyMap<string, PatternNode>): PatternNode =>
    (words, at) => {
      const way = at < words.length ? byWord.get(words[at] as string) : undefined;
      return way === undefined ? -1 : way(words, at);
    },

  not:
    (what: PatternNode, next: PatternNode): PatternNode =>
    (words, at) =>
      what(words, at) >= 0 ? -1 : next(words, at),
} as const;
