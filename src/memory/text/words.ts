import { stemOf } from './stemmer.js';
import { NEGATIONS, STOP_WORDS, WORD_GROUPS, type WordGroup } from './word-groups.js';

/** A negation reaches this many words, itself included, but not past a pause: `not at all happy`. */
const NEGATION_REACH = 4;
const PAUSES: ReadonlySet<string> = new Set('.,;:!?');
const ASCII = /^[\x00-\x7f]*$/;
const ASCII_TOKENS = /[a-z0-9]+|[.,;:!?]/g;
const TOKENS = /[\p{L}\p{N}]+|[.,;:!?]/gu;

/** Marks a term that is the name of a group of words; no word begins with it. */
const GROUP_MARK = '~';

const GROUP_OF_STEM = new Map(
  WORD_GROUPS.flatMap((group) => group.words.map((word) => [stemOf(word), group] as const)),
);

/** A group's name is worth less than the very word that was asked for. */
const GROUP_WEIGHT = 0.7;

/** What is known of a word, kept because texts use the same words again and again. */
interface Word {
  readonly stem: string;
  readonly group?: WordGroup;
  readonly isNegation: boolean;
  /** Says nothing of what a text is about. */
  readonly isEmpty: boolean;
}

const MOST_KNOWN_WORDS = 100_000;
const KNOWN_WORDS = new Map<string, Word>();

/**
 * What a text says, as comparable terms: the stem of each word, and the group that the word belongs to
 * (`~dissatisfied` for `unhappy`, and for `not happy`). Pure.
 */
export function termsOf(text: string): string[] {
  const terms: string[] = [];
  let negatedFor = 0;
  for (const token of tokensOf(text)) {
    if (PAUSES.has(token)) {
      negatedFor = 0;
      continue;
    }
    const { stem, group, isNegation, isEmpty } = wordOf(token);
    negatedFor = isNegation ? NEGATION_REACH : negatedFor - 1;
    if (isEmpty) continue;
    terms.push(stem);
    const groupName = negatedFor > 0 ? group?.negated : group?.name;
    if (groupName !== undefined) terms.push(GROUP_MARK + groupName);
  }
  return terms;
}

/** The terms of a question, each with how much it counts. */
export function questionTermsOf(question: string): Map<string, number> {
  return new Map(termsOf(question).map((term) => [term, term.startsWith(GROUP_MARK) ? GROUP_WEIGHT : 1]));
}

function wordOf(token: string): Word {
  const known = KNOWN_WORDS.get(token);
  if (known !== undefined) return known;
  if (KNOWN_WORDS.size >= MOST_KNOWN_WORDS) KNOWN_WORDS.clear();
  const stem = stemOf(token);
  const word = {
    stem,
    group: GROUP_OF_STEM.get(stem),
    isNegation: NEGATIONS.has(token),
    isEmpty: STOP_WORDS.has(token),
  };
  KNOWN_WORDS.set(token, word);
  return word;
}

/** Runs of letters and digits in lower case, without accents, and the pauses between; `isn't` is one word. */
function tokensOf(text: string): string[] {
  const isAscii = ASCII.test(text);
  const plain = isAscii ? text : text.normalize('NFKD').replace(/\p{M}|’/gu, '');
  const lower = plain.replaceAll("'", '').toLowerCase().replaceAll('go-live', 'golive');
  return lower.match(isAscii ? ASCII_TOKENS : TOKENS) ?? [];
}
