import { SHOUTED, type TokenizedSentence } from './tokens.js';

/**
 * Sentiment of a text, -1 to 1: one pass over the words with the published VADER heuristics (Hutto & Gilbert,
 * ICWSM 2014: degree words, capitals, negation within three words, "but", exclamation marks).
 */
export class SentimentScorer {
  constructor(
    private readonly lexicon: ReadonlyMap<string, number>,
    private readonly raises: ReadonlySet<string>,
    private readonly lowers: ReadonlySet<string>,
  ) {}

  /**
   * @param text that the sentence is part of, for its exclamation marks and smileys
   * @param isFelt whether any of its words has a value
   * @returns the sum of the words' values squeezed into -1..1; 0 where no word has one
   */
  score(sentence: TokenizedSentence, text: string, isFelt: boolean): number {
    const written = text.slice(sentence.start, sentence.end + SMILEY_LENGTH);
    const smileys = SMILEY.test(written) ? this.smileys(written) : 0;
    if (smileys === 0 && !isFelt) return 0;
    const sum = emphasised(this.sumOf(sentence) + smileys, written);
    return sum === 0 ? 0 : sum / Math.sqrt(sum * sum + 15);
  }

  /** Whether a word has a value. */
  has(word: string): boolean {
    return this.lexicon.has(word);
  }

  /** Of the values of the words; what stands after "but" counts more than what stands before. */
  private sumOf({ words, marks }: TokenizedSentence): number {
    const hasEmphasis = isPartlyShouted(marks);
    const but = words.lastIndexOf('but');
    let sum = 0;
    for (let at = 0; at < words.length; at += 1) {
      const value = this.valueAt(words, at, hasEmphasis && ((marks[at] as number) & SHOUTED) > 0);
      if (value !== 0) sum += but < 0 ? value : value * (at < but ? 0.5 : 1.5);
    }
    return sum;
  }

  /** ":)" and the like are in the lexicon, but are no words. */
  private smileys(text: string): number {
    return text
      .split(/\s+/)
      .reduce((sum, word) => sum + (/^\W/.test(word) ? (this.lexicon.get(word) ?? 0) : 0), 0);
  }

  private valueAt(words: readonly string[], at: number, isShouted: boolean): number {
    let value = this.ownValue(words, at);
    if (value === 0) return 0;
    if (words[at - 1] === 'no' || words[at - 2] === 'no') value *= NEGATED;
    if (isShouted) value += Math.sign(value) * STRESS;
    for (let distance = 1; distance <= 3; distance += 1) value = this.modified(value, words, at, distance);
    return isTheLeast(words, at) ? value * NEGATED : value;
  }

  private ownValue(words: readonly string[], at: number): number {
    const word = words[at] as string;
    const value = this.lexicon.get(word);
    if (value === undefined) return 0;
    if (this.raises.has(word) || this.lowers.has(word) || this.isNoVerb(words, at)) return 0;
    return word === 'no' && this.lexicon.has(words[at + 1] ?? '') ? 0 : value;
  }

  /** "kind of" is no kindness, and "like" praises only as a verb. */
  private isNoVerb(words: readonly string[], at: number): boolean {
    const word = words[at];
    if (word === 'kind') return words[at + 1] === 'of';
    return word === 'like' && !LIKES.has(words[at - 1] ?? '');
  }

  private modified(value: number, words: readonly string[], at: number, distance: number): number {
    const word = words[at - distance];
    if (word === undefined) return value;
    const degree = Math.sign(value) * DEGREE * (FADING[distance] ?? 0);
    if (this.raises.has(word)) return value + degree;
    if (this.lowers.has(word)) return value - degree;
    return isNegation(word) ? value * negationOf(word, words[at - distance + 1] ?? '') : value;
  }
}

/** A degree word counts less the further away it stands. */
const FADING = [0, 1, 0.95, 0.9];

/** "never so good" praises, and "without doubt" negates nothing. */
function negationOf(word: string, next: string): number {
  if (word === 'never' && (next === 'so' || next === 'this')) return 1.25;
  return word === 'without' && next === 'doubt' ? 1 : NEGATED;
}

function isTheLeast(words: readonly string[], at: number): boolean {
  return words[at - 1] === 'least' && words[at - 2] !== 'at' && words[at - 2] !== 'very';
}

const SMILEY = /[:;=][-']?[()DPp/|]|<3/;
/** It may stand after the end of the sentence. */
const SMILEY_LENGTH = 4;
const NEGATED = -0.74;
const STRESS = 0.733;
const DEGREE = 0.293;
const LIKES = new Set('i we you they would really also not do did does to us people'.split(' '));
const NEGATIONS = new Set(
  'aint arent cannot cant couldnt didnt doesnt dont hadnt hasnt havent isnt mightnt mustnt neither never none nope nor not nothing nowhere shouldnt wasnt werent without wont wouldnt rarely seldom despite'.split(
    ' ',
  ),
);

function isNegation(word: string): boolean {
  return NEGATIONS.has(word) || word.endsWith("n't");
}

/** Capitals stress a word only where not all words have them. */
function isPartlyShouted(marks: readonly number[]): boolean {
  let shouted = 0;
  for (let at = 0; at < marks.length; at += 1) if (((marks[at] as number) & SHOUTED) > 0) shouted += 1;
  return shouted > 0 && shouted < marks.length;
}

function emphasised(sum: number, text: string): number {
  if (sum === 0) return 0;
  let marks = 0;
  let questions = 0;
  for (const sign of text) {
    if (sign === '!') marks += 1;
    else if (sign === '?') questions += 1;
  }
  const amplifier = Math.min(marks, 4) * 0.292 + (questions > 1 ? Math.min(questions * 0.18, 0.96) : 0);
  return sum + Math.sign(sum) * amplifier;
}
