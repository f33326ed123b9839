import { type TokenizedSentence } from './tokens.js';
import { SHOUTED } from './word-forms.js';

/**
 * Sentiment of a text, -1 to 1: one pass over the words with the published VADER heuristics (Hutto & Gilbert,
 * ICWSM 2014: degree words, capitals, negation within three words, "but", exclamation marks).
 */
export class SentimentScorer {
  private readonly effects: ReadonlyMap<string, Effect>;
  /** The text of the sentence scored last: those of one text come one after the other. */
  private text = '';
  private hasSmileys = false;

  constructor(
    private readonly lexicon: ReadonlyMap<string, number>,
    raises: ReadonlySet<string>,
    lowers: ReadonlySet<string>,
  ) {
    const all = (words: ReadonlySet<string>, effect: Effect) =>
      [...words].map((word) => [word, effect] as const);
    this.effects = new Map([
      ...all(NEGATIONS, 'negates'),
      ...all(lowers, 'lowers'),
      ...all(raises, 'raises'),
    ]);
  }

  /**
   * @param text that the sentence is part of, for its exclamation marks and smileys
   * @param felt where the words stand that have a value
   * @returns the sum of the words' values squeezed into -1..1; 0 where no word has one
   */
  score(sentence: TokenizedSentence, text: string, felt: readonly number[]): number {
    const smileys = this.smileysIn(sentence, text);
    if (smileys === 0 && felt.length === 0) return 0;
    const sum = emphasised(this.sumOf(sentence, felt) + smileys, text, sentence.start, endOf(sentence));
    return sum === 0 ? 0 : sum / Math.sqrt(sum * sum + 15);
  }

  /** Whether a word has a value. */
  has(word: string): boolean {
    return this.lexicon.has(word);
  }

  /** Of the values of the words; what stands after "but" counts more than what stands before. */
  private sumOf({ words, marks }: TokenizedSentence, felt: readonly number[]): number {
    if (felt.length === 0) return 0;
    const hasEmphasis = isPartlyShouted(marks);
    const but = words.lastIndexOf('but');
    let sum = 0;
    for (let i = 0; i < felt.length; i += 1) {
      const at = felt[i] as number;
      const value = this.valueAt(words, at, hasEmphasis && ((marks[at] as number) & SHOUTED) > 0);
      if (value !== 0) sum += but < 0 ? value : value * (at < but ? 0.5 : 1.5);
    }
    return sum;
  }

  /** ":)" and the like are in the lexicon, but are no words. */
  private smileysIn(sentence: TokenizedSentence, text: string): number {
    if (this.text !== text) [this.text, this.hasSmileys] = [text, SMILEY.test(text)];
    if (!this.hasSmileys) return 0;
    const written = text.slice(sentence.start, endOf(sentence));
    if (!SMILEY.test(written)) return 0;
    return written
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
    const effect = this.effects.get(word);
    if (effect === 'raises' || effect === 'lowers' || this.isNoVerb(words, at)) return 0;
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
    const effect = this.effects.get(word) ?? (word.endsWith("n't") ? 'negates' : undefined);
    if (effect === undefined) return value;
    if (effect === 'negates') return value * negationOf(word, words[at - distance + 1] ?? '');
    const degree = Math.sign(value) * DEGREE * (FADING[distance] ?? 0);
    return effect === 'raises' ? value + degree : value - degree;
  }
}

/** What a word does to the values of the words after it. */
type Effect = 'raises' | 'lowers' | 'negates';

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

function endOf({ end }: TokenizedSentence): number {
  return end + SMILEY_LENGTH;
}

/** Capitals stress a word only where not all words have them. */
function isPartlyShouted(marks: readonly number[]): boolean {
  let shouted = 0;
  for (let at = 0; at < marks.length; at += 1) if (((marks[at] as number) & SHOUTED) > 0) shouted += 1;
  return shouted > 0 && shouted < marks.length;
}

/** @param start, end: where the sentence stands in the text */
function emphasised(sum: number, text: string, start: number, end: number): number {
  if (sum === 0) return 0;
  let marks = 0;
  let questions = 0;
  for (let at = start; at < end && at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === EXCLAMATION) marks += 1;
    else if (code === QUESTION) questions += 1;
  }
  const amplifier = Math.min(marks, 4) * 0.292 + (questions > 1 ? Math.min(questions * 0.18, 0.96) : 0);
  return sum + Math.sign(sum) * amplifier;
}

const EXCLAMATION = '!'.charCodeAt(0);
const QUESTION = '?'.charCodeAt(0);
