/** So many words get a number; more than people use. */
export const MOST_NUMBERED = (1 << 15) - 1;
/** Of a word that came when all numbers were given away. */
export const UNNUMBERED = 0;

const numbers = new Map<string, number>();

/**
 * The number of a word, for as long as the process lives: from 1, in the order in which words are met, so that frequent
 * ones have small ones. What is known of a word then lies in an array under its number, where it is found three times as fast
 * as in a map (measured).
 */
export function wordNumber(word: string): number {
  const known = numbers.get(word);
  if (known !== undefined) return known;
  if (numbers.size === MOST_NUMBERED) return UNNUMBERED;
  numbers.set(word, numbers.size + 1);
  return numbers.size;
}
