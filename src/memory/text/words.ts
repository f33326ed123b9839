import { stemOf } from './stemmer.js';
import { NEGATIONS, STOP_WORDS, WORD_GROUPS } from './word-groups.js';

/** A negation reaches this many words, itself included, but not past a pause: `not at all happy`. */
const NEGATION_REACH = 4;
const PAUSE = /^[.,;:!?]$/;

/** Marks a term that is the name of a group of words; no word begins with it. */
const GROUP_MARK = '~';

const GROUP_OF_STEM = new Map(
  WORD_GROUPS.flatMap((group) => group.words.map((word) => [stemOf(word), group] as const)),
);

/** A group's name is worth less than the very word that was asked for. */
const GROUP_WEIGHT = 0.7;

/**
 * What a text says, as comparable terms: the stem of each word, and the group that the word belongs to
 * (`~dissatisfied` for `unhappy`, and for `not happy`). Pure.
 */
export function termsOf(text: string): string[] {
  const terms: string[] = [];
  let negatedFor = 0;
  for (const word of wordsOf(text)) {
    negatedFor = NEGATIONS.has(word) ? NEGATION_REACH : PAUSE.test(word) ? 0 : negatedFor - 1;
    if (STOP_WORDS.has(word) || PAUSE.test(word)) continue;
    const stem = stemOf(word);
    terms.push(stem);
    const group = GROUP_OF_STEM.get(stem);
    const groupName = negatedFor > 0 ? group?.negated : group?.name;
    if (groupName !== undefined) terms.push(GROUP_MARK + groupName);
  }
  return terms;
}

/** The terms of a question, each with how much it counts. */
export function questionTermsOf(question: string): Map<string, number> {
  return new Map(termsOf(question).map((term) => [term, term.startsWith(GROUP_MARK) ? GROUP_WEIGHT : 1]));
}

/** Runs of letters and digits in lower case, without accents, and the pauses between; `isn't` is one word. */
function wordsOf(text: string): string[] {
  const plain = text.normalize('NFKD').replace(/\p{M}/gu, '').replace(/['’]/g, '').toLowerCase();
  return plain.replace(/\bgo-live\b/g, 'golive').match(/[\p{L}\p{N}]+|[.,;:!?]/gu) ?? [];
}
