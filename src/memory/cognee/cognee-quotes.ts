import { bestPassagesOf } from '../text/passage-ranking.js';
import { quoteOf } from '../text/passages.js';
import type { CogneeHit } from './cognee-answers.js';
import { ACCOUNT_SET } from './cognee-upload.js';

/** The lines that `uploadOf` puts before a document. */
const FIRST_LINES = /^[^\n]*\(account ([^\s()]+)\)\n(?:Groups: [^\n]*\n)?\s*/;

/** A chunk is as large as a whole document unless that is very long; an answer is so many of its passages. */
const PASSAGES_PER_HIT = 3;
const LONGEST_QUOTE = 800;

/** Whose a hit is: by its node sets, which every chunk has, else by the first line; null where neither says. */
export function accountOf({ nodeSets, text }: CogneeHit): string | null {
  const set = nodeSets.find((name) => name.startsWith(ACCOUNT_SET));
  return set?.slice(ACCOUNT_SET.length) ?? FIRST_LINES.exec(text)?.[1] ?? null;
}

/**
 * What to show of a chunk, word for word: the passages that share words with the question, else its
 * beginning (Cognee found it by meaning).
 * @param question terms, each with how much it counts.
 */
export function quoteOfHit({ text }: CogneeHit, question: ReadonlyMap<string, number>): string {
  const plain = text.replace(FIRST_LINES, '').trim();
  const best = bestPassagesOf(plain, question, PASSAGES_PER_HIT);
  if (best.length > 0) return best.map(quoteOf).join('\n');
  return plain.length <= LONGEST_QUOTE ? plain : `${plain.slice(0, LONGEST_QUOTE).trim()} ...`;
}
