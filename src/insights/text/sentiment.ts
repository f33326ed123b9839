import type { Token, TokenizedSentence } from './tokens.js';

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
   * @returns the sum of the words' values squeezed into -1..1; 0 where no word has one
   */
  score({ tokens, words, start, end }: TokenizedSentence, text: string): number {
    const written = text.slice(start, end + SMILEY_LENGTH);
    const smileys = this.smileys(written);
    if (smileys === 0 && !words.some((word) => this.lexicon.has(word))) return 0;
    const shouted = tokens.map((token) => isShouted(token, text));
    const hasEmphasis = shouted.includes(true) && shouted.includes(false);
    const values = words.map((_word, at) => this.valueAt(words, at, hasEmphasis && shouted[at] === true));
    const sum = emphasised(weighBut(words, values) + smileys, written);
    return sum === 0 ? 0 : sum / Math.sqrt(sum * sum + 15);
  }

  /** ":)" and the like are in the lexicon, but are no words. */
  private smileys(text: string): number {
    if (!/[:;=][-']?[()DPp/|]|<3/.test(text)) return 0;
    return text
      .split(/\s+/)
      .reduce((sum, word) => sum + (/^\W/.test(word) ? (this.lexicon.get(word) ?? 0) : 0), 0);
  }

  private valueAt(words: readonly string[], at: number, isShouted: boolean): number {
    let value = this.ownValue(words, at);
    if (value === 0) return 0;
    if (words[at - 1] === 'no' || words[at - 2] === 'no') value *= NEGATED;
    if (isShouted) value += Math.sign(value) * SHOUTED;
    for (let distance = 1; distance <= 3; distance += 1) value = this.modified(value, words, at, distance);
    return isTheLeast(words, at) ? value * NEGATED : value;
  }

  private ownValue(words: readonly string[], at: number): number {
    const word = words[at] ?? '';
    if (this.raises.has(word) || this.lowers.has(word) || this.isNoVerb(words, at)) return 0;
    const isNegatingNext = word === 'no' && this.lexicon.has(words[at + 1] ?? '');
    return isNegatingNext ? 0 : (this.lexicon.get(word) ?? 0);
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

/** It may stand after the end of the sentence. */
const SMILEY_LENGTH = 4;
const NEGATED = -0.74;
const SHOUTED = 0.733;
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

function isShouted({ start, end, isCapital }: Token, text: string): boolean {
  if (!isCapital || end - start < 2) return false;
  const word = text.slice(start, end);
  return word === word.toUpperCase();
}

/** What stands after "but" counts more than what stands before. */
function weighBut(words: readonly string[], values: readonly number[]): number {
  const but = words.lastIndexOf('but');
  if (but < 0) return values.reduce((sum, value) => sum + value, 0);
  return values.reduce((sum, value, at) => sum + value * (at < but ? 0.5 : 1.5), 0);
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
