/** One ending of each step at most is taken off, the first that leaves so many letters: `user` must not become `us`. */
const STEPS: readonly { readonly endings: readonly string[]; readonly leastLeft: number }[] = [
  { endings: ['ies', 'es', 's'], leastLeft: 3 },
  {
    endings: ['ations', 'ation', 'ingly', 'edly', 'ings', 'ing', 'ied', 'ed', 'ers', 'er'],
    leastLeft: 4,
  },
  { endings: ['ments', 'ment', 'ness', 'ions', 'ion', 'ally', 'al', 'ly'], leastLeft: 4 },
  { endings: ['ate', 'at', 'e', 'y', 'i'], leastLeft: 4 },
];

const DOUBLED_CONSONANT = /^(.{3,})([bdgklmnprt])\2$/;

/**
 * A light stemmer for English: `frustrated`, `frustrating` and `frustration` share a stem, and so do `renew`,
 * `renewal` and `renewing`. Stems are for comparing only; words of other languages pass mostly unchanged.
 * @param word in lower case.
 */
export function stemOf(word: string): string {
  if (/\d/.test(word)) return word;
  const stem = STEPS.reduce((rest, { endings, leastLeft }) => {
    const ending = endings.find((candidate) => {
      return rest.endsWith(candidate) && rest.length - candidate.length >= leastLeft;
    });
    if (ending === undefined || (ending === 's' && rest.endsWith('ss'))) return rest;
    return rest.slice(0, -ending.length);
  }, word);
  return stem.replace(DOUBLED_CONSONANT, '$1$2');
}
