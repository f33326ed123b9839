import type { CompetitorNames } from './competitor-names.js';

/** What a word may be, as bits. */
export const NAME = 1;
export const OURS = 2;
const FELT = 4;

/** What the words of a sentence may be. */
export interface WordsRead {
  /** The bits of all words together. */
  readonly bits: number;
  /** Places of the words with a feeling. */
  readonly felt: readonly number[];
}

const NOWHERE: readonly number[] = [];
const MAX_REMEMBERED = 50_000;

/**
 * Says at one look what the words of a sentence may be, so that the dearer questions are asked only of sentences
 * that have an answer: whether a competitor is named, or we are, or anything is felt.
 */
export class Vocabulary {
  private readonly known = new Map<string, number>();

  /**
   * @param ownNames in lower case
   * @param isFelt whether a word has a feeling
   */
  constructor(
    private readonly names: CompetitorNames,
    private readonly ownNames: ReadonlySet<string>,
    private readonly isFelt: (word: string) => boolean,
  ) {}

  read(words: readonly string[]): WordsRead {
    let bits = 0;
    let felt: number[] | null = null;
    for (let at = 0; at < words.length; at += 1) {
      const word = words[at] as string;
      const own = this.known.get(word) ?? this.learn(word);
      bits |= own;
      if ((own & FELT) > 0) (felt ??= []).push(at);
    }
    return { bits, felt: felt ?? NOWHERE };
  }

  private learn(word: string): number {
    const bits =
      (this.names.mayBeginWith(word) ? NAME : 0) |
      (this.ownNames.has(word) ? OURS : 0) |
      (this.isFelt(word) ? FELT : 0);
    if (this.known.size > MAX_REMEMBERED) this.known.clear();
    this.known.set(word, bits);
    return bits;
  }
}
