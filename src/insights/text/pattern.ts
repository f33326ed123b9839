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
export type PatternNode =
  | { readonly type: 'accept' }
  | { readonly type: 'start' | 'end' | 'any' | 'number'; readonly next: PatternNode }
  | {
      readonly type: 'word';
      readonly words: ReadonlySet<string>;
      readonly prefixes: readonly string[];
      readonly next: PatternNode;
    }
  | { readonly type: 'gap'; readonly max: number; readonly next: PatternNode }
  | { readonly type: 'either'; readonly ways: readonly PatternNode[] }
  | { readonly type: 'not'; readonly what: PatternNode; readonly next: PatternNode };

/** Prefixes are indexed by their first letters; shorter ones would be tried nearly everywhere. */
export const PREFIX_ANCHOR_LENGTH = 3;

/** A compiled pattern. `anchors`: at least one of these words (or `prefix*`) is in every sentence that matches. */
export interface Pattern {
  readonly source: string;
  readonly root: PatternNode;
  readonly anchors: readonly string[];
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
  return walk(pattern.root, words, from);
}

/** The first match in the sentence, as [start, end), or null. */
export function firstMatch(
  pattern: Pattern,
  words: readonly string[],
  from = 0,
): readonly [number, number] | null {
  for (let start = from; start < words.length; start += 1) {
    const end = matchAt(pattern, words, start);
    if (end >= 0) return [start, end];
  }
  return null;
}

function walk(node: PatternNode, words: readonly string[], at: number): number {
  steps += 1;
  if (steps > MAX_STEPS) return -1;
  switch (node.type) {
    case 'accept':
      return at;
    case 'start':
      return at === 0 ? walk(node.next, words, at) : -1;
    case 'end':
      return at === words.length ? walk(node.next, words, at) : -1;
    case 'any':
    case 'number':
    case 'word':
      return at < words.length && takes(node, words[at] ?? '') ? walk(node.next, words, at + 1) : -1;
    case 'gap':
      return walkGap(node, words, at);
    case 'either':
      return walkEither(node.ways, words, at);
    case 'not':
      return walk(node.what, words, at) >= 0 ? -1 : walk(node.next, words, at);
  }
}

function takes(node: PatternNode & { type: 'any' | 'number' | 'word' | string }, word: string): boolean {
  if (node.type === 'number') return isNumber(word);
  if (node.type !== 'word') return true;
  return node.words.has(word) || node.prefixes.some((prefix) => word.startsWith(prefix));
}

function walkGap(node: PatternNode & { type: 'gap' }, words: readonly string[], at: number): number {
  const last = Math.min(words.length, at + node.max);
  for (let next = at; next <= last; next += 1) {
    const end = walk(node.next, words, next);
    if (end >= 0) return end;
  }
  return -1;
}

function walkEither(ways: readonly PatternNode[], words: readonly string[], at: number): number {
  for (const way of ways) {
    const end = walk(way, words, at);
    if (end >= 0) return end;
  }
  return -1;
}
