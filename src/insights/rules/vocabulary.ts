import type { CompetitorNames } from './competitor-names.js';

/** What a word may be, as bits. */
export const NAME = 1;
export const OURS = 2;
export const FELT = 4;

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

  /** The bits of all words together. */
  bitsOf(words: readonly string[]): number {
    let bits = 0;
    for (let at = 0; at < words.length; at += 1) {
      const word = words[at] as string;
      bits |= this.known.get(word) ?? this.learn(word);
    }
    return bits;
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
