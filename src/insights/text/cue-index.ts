import { AnchorIndex } from './anchor-index.js';
import { firstMatch, matchAt, type Pattern } from './pattern.js';

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

/** A match, and which pattern found it: where two begin at one word, the one of the lower rank counts. */
interface RankedMatch<C extends Cue> extends CueMatch<C> {
  readonly rank: number;
}

/**
 * Finds the cues of a sentence. A pattern is tried only where its anchors say that it can begin, so that the time
 * depends on what is said and hardly on the number of rules.
 */
export class CueIndex<C extends Cue = Cue> {
  /** The cue of each pattern. */
  private readonly cues: readonly C[];
  private readonly patterns: readonly Pattern[];
  private readonly anchors: AnchorIndex;
  private readonly voids: Voids;

  constructor(cues: readonly C[]) {
    this.cues = cues.flatMap((cue) => cue.patterns.map(() => cue));
    this.patterns = cues.flatMap((cue) => cue.patterns);
    this.anchors = new AnchorIndex(this.patterns);
    this.voids = new Voids(cues);
  }

  /**
   * @param numbers those of the words, where they are known: then it is faster
   * @returns the first match of each cue, in the order of the sentence.
   */
  find(words: readonly string[], numbers?: readonly number[]): CueMatch<C>[] {
    const count = this.anchors.read(words, numbers);
    if (count === 0) return NO_MATCHES;
    const found: RankedMatch<C>[] = [];
    for (let order = 0; order < count; order += 1) this.tryPattern(order, words, found);
    if (found.length === 0) return NO_MATCHES;
    return this.voids.without(found, words).sort((a, b) => a.start - b.start || a.rank - b.rank);
  }

  /** Keeps the first match of the pattern unless its cue has one before it. Those that begin with any word rank last. */
  private tryPattern(order: number, words: readonly string[], found: RankedMatch<C>[]): void {
    const { numbers, firstStarts, lastStarts } = this.anchors;
    const number = numbers[order] as number;
    const cue = this.cues[number] as C;
    const pattern = this.patterns[number] as Pattern;
    const { firsts } = pattern;
    const rank = firsts === null ? this.patterns.length + number : number;
    const place = placeOf(cue, found);
    const last = lastStart(lastStarts[order] as number, found[place], rank);
    for (let start = firstStarts[order] as number; start <= last; start += 1) {
      if (firsts !== null && !firsts.has(words[start] as string)) continue;
      const end = matchAt(pattern, words, start);
      if (end < 0) continue;
      found[place] = { cue, start, end, rank };
      return;
    }
  }
}

/** Where the match of the cue is, or would be added. */
function placeOf(cue: Cue, found: readonly CueMatch[]): number {
  let at = 0;
  while (at < found.length && found[at]?.cue !== cue) at += 1;
  return at;
}

/** Shared by all sentences in which nothing is found: most. */
const NO_MATCHES: never[] = [];

/** The last word with which a match must begin to come before the one that is known. */
function lastStart(last: number, known: RankedMatch<Cue> | undefined, rank: number): number {
  if (known === undefined) return last;
  return Math.min(last, rank < known.rank ? known.start : known.start - 1);
}

/** Which cues do not count in a sentence, by their `unless`; asked only where something was found. */
class Voids {
  private readonly cues: readonly Cue[];
  private readonly patterns: readonly Pattern[];
  private readonly anchors: AnchorIndex;

  constructor(cues: readonly Cue[]) {
    this.cues = cues.flatMap((cue) => cue.unless.map(() => cue));
    this.patterns = cues.flatMap((cue) => cue.unless);
    this.anchors = new AnchorIndex(this.patterns);
  }

  /** Those of the matches whose cue counts. */
  without<M extends CueMatch>(found: M[], words: readonly string[]): M[] {
    if (found.every(({ cue }) => cue.unless.length === 0)) return found;
    const count = this.anchors.read(words);
    let counting = found;
    for (let order = 0; order < count && counting.length > 0; order += 1) {
      const number = this.anchors.numbers[order] as number;
      const isOfIt = ({ cue }: M) => cue === this.cues[number];
      if (!counting.some(isOfIt) || firstMatch(this.patterns[number] as Pattern, words) === null) continue;
      counting = counting.filter((match) => !isOfIt(match));
    }
    return counting;
  }
}
