import type { TokenizedSentence } from '../text/tokens.js';
import { MOST_NUMBERED, UNNUMBERED } from '../text/word-numbers.js';
import type { CompetitorNames } from './competitor-names.js';

/** What a word may be, as bits. */
export const NAME = 1;
export const OURS = 2;
const FELT = 4;
/** Of a word whose bits are not known yet. */
const UNKNOWN = 8;

/** What the words of a sentence may be. */
export interface WordsRead {
  /** The bits of all words together. */
  readonly bits: number;
  /** Places of the words with a feeling. */
  readonly felt: readonly number[];
}

const NOWHERE: readonly number[] = [];

/**
 * Says at one look what the words of a sentence may be, so that the dearer questions are asked only of sentences
 * that have an answer: whether a competitor is named, or we are, or anything is felt.
 */
export class Vocabulary {
  /** By the numbers of the words. */
  private readonly known = new Uint8Array(MOST_NUMBERED + 1).fill(UNKNOWN);

  /**
   * @param ownNames in lower case
   * @param isFelt whether a word has a feeling
   */
  constructor(
    private readonly names: CompetitorNames,
    private readonly ownNames: ReadonlySet<string>,
    private readonly isFelt: (word: string) => boolean,
  ) {}

  read({ words, numbers }: TokenizedSentence): WordsRead {
    let bits = 0;
    let felt: number[] | null = null;
    for (let at = 0; at < numbers.length; at += 1) {
      const number = numbers[at] as number;
      let own = this.known[number] as number;
      if (own === UNKNOWN) own = this.learn(words[at] as string, number);
      bits |= own;
      if ((own & FELT) > 0) (felt ??= []).push(at);
    }
    return { bits, felt: felt ?? NOWHERE };
  }

  private learn(word: string, number: number): number {
    const bits =
      (this.names.mayBeginWith(word) ? NAME : 0) |
      (this.ownNames.has(word) ? OURS : 0) |
      (this.isFelt(word) ? FELT : 0);
    if (number !== UNNUMBERED) this.known[number] = bits;
    return bits;
  }
}
