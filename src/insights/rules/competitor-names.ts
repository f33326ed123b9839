import type { Competitor } from './competitor.js';

/** Aliases by first word, the longest first, and the unambiguous ones that may be misheard by a letter. */
export class CompetitorNames {
  private readonly byFirst = new Map<string, { competitor: Competitor; words: readonly string[] }[]>();
  private readonly mishearable: { competitor: Competitor; word: string }[] = [];
  private readonly misheard = new Map<string, Competitor | null>();

  constructor(competitors: readonly Competitor[]) {
    for (const competitor of competitors) {
      for (const words of competitor.aliases) this.add(competitor, words);
    }
    for (const entries of this.byFirst.values()) entries.sort((a, b) => b.words.length - a.words.length);
  }

  /** The competitor whose alias begins at this word. */
  at(words: readonly string[], at: number): { competitor: Competitor; end: number; isExact: boolean } | null {
    const word = words[at] ?? '';
    for (const { competitor, words: alias } of this.byFirst.get(word) ?? []) {
      if (alias.every((part, offset) => words[at + offset] === part)) {
        return { competitor, end: at + alias.length, isExact: true };
      }
    }
    const competitor = word.length >= MISHEARABLE_LENGTH - 1 ? this.soundingLike(word) : null;
    return competitor === null ? null : { competitor, end: at + 1, isExact: false };
  }

  /** Whether {@link at} could find anything at such a word. */
  mayBeginWith(word: string): boolean {
    return this.byFirst.has(word) || this.mayBeMisheard(word);
  }

  private mayBeMisheard(word: string): boolean {
    return word.length >= MISHEARABLE_LENGTH - 1 && this.soundingLike(word) !== null;
  }

  private add(competitor: Competitor, words: readonly string[]): void {
    const [first] = words;
    if (first === undefined) return;
    const entries = this.byFirst.get(first) ?? [];
    entries.push({ competitor, words });
    this.byFirst.set(first, entries);
    const isLong = words.length === 1 && first.length >= MISHEARABLE_LENGTH;
    if (isLong && !competitor.isAmbiguous) this.mishearable.push({ competitor, word: first });
  }

  private soundingLike(word: string): Competitor | null {
    const known = this.misheard.get(word);
    if (known !== undefined) return known;
    const like = this.mishearable.find(
      (entry) => entry.word[0] === word[0] && isOneLetterOff(entry.word, word),
    );
    if (this.misheard.size > 20_000) this.misheard.clear();
    this.misheard.set(word, like?.competitor ?? null);
    return like?.competitor ?? null;
  }
}

/** Shorter names would meet ordinary words and first names ("Clara"). */
const MISHEARABLE_LENGTH = 7;

/** Whether one letter was added, left out or changed. */
function isOneLetterOff(a: string, b: string): boolean {
  if (a === b || Math.abs(a.length - b.length) > 1) return false;
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  let at = 0;
  while (at < short.length && short[at] === long[at]) at += 1;
  const isSameLength = short.length === long.length;
  return short.slice(isSameLength ? at + 1 : at) === long.slice(at + 1);
}
