const ENDINGS = ['ing', 'edly', 'ed', 'ies', 'es', 's', 'ly', 'als', 'al'] as const;
const SHORTEST_STEM = 4;

/** A word without its ending, roughly; all numbers are one. */
export function wordStem(word: string): string {
  const code = word.charCodeAt(0);
  if (code >= 48 && code <= 57) return '0';
  for (const ending of ENDINGS) {
    if (word.endsWith(ending) && word.length - ending.length >= SHORTEST_STEM) {
      return word.slice(0, -ending.length);
    }
  }
  return word;
}
