import { letterHash } from './letter-hash.js';
import { type ModelWeights, probabilityOf } from './model-weights.js';
import { wordStem } from './word-stem.js';

/** Buckets of one text; more are not looked at. */
export const MOST_FEATURES = 512;
/** So far apart two telling words still belong together. */
const REACH = 3;

/**
 * A linear model over the words of a sentence: their stems, pairs and triples of neighbours, and pairs of telling words
 * near each other. Features are numbers throughout: a call has a thousand sentences with fifty features each.
 */
export class PhraseModel {
  private readonly mask: number;
  private readonly buckets = new Int32Array(MOST_FEATURES);
  /** For each bucket the text that had it last: each feature counts once. */
  private readonly seenIn: Int32Array;
  private text = 0;

  constructor(private readonly model: ModelWeights) {
    this.mask = model.weights.length - 1;
    this.seenIn = new Int32Array(model.weights.length);
  }

  /** 0 to 1. @param words as the rules read them: lower case, names replaced by their marks */
  probability(words: readonly string[]): number {
    const count = phraseBuckets(words, this.mask, this.buckets);
    const { seenIn } = this;
    const { weights } = this.model;
    this.text += 1;
    let [sum, known] = [0, 0];
    for (let at = 0; at < count; at += 1) {
      const bucket = this.buckets[at] as number;
      const weight = weights[bucket] as number;
      if (weight === 0 || seenIn[bucket] === this.text) continue;
      seenIn[bucket] = this.text;
      sum += weight;
      known += 1;
    }
    return probabilityOf(this.model, sum, known);
  }
}

/**
 * Writes the buckets of the features of a text.
 * @returns how many; the same bucket may be there more than once
 */
export function phraseBuckets(words: readonly string[], mask: number, buckets: Int32Array): number {
  const writer = new BucketWriter(mask, buckets);
  let [before, beforeThat] = [EDGE, EDGE];
  for (let at = 0; at <= words.length; at += 1) {
    const word = words[at];
    const stem = word === undefined ? EDGE_STEM : stemOf(word);
    const own = stem.hash;
    if (word !== undefined) writer.add(mixed(1, own));
    writer.add(mixed(mixed(2, before), own));
    if (at > 0) writer.add(mixed(mixed(mixed(3, beforeThat), before), own));
    if (stem.isTelling) writer.addPairs(own);
    [beforeThat, before] = [before, own];
  }
  return writer.count;
}

class BucketWriter {
  count = 0;
  /** The stems of the telling words so far. */
  private readonly telling: number[] = [];

  constructor(
    private readonly mask: number,
    private readonly buckets: Int32Array,
  ) {}

  add(hash: number): void {
    if (this.count === MOST_FEATURES) return;
    this.buckets[this.count] = (hash ^ (hash >>> 15)) & this.mask;
    this.count += 1;
  }

  /** A telling word with those before it. */
  addPairs(own: number): void {
    const { telling } = this;
    for (let back = 1; back <= REACH && back <= telling.length; back += 1) {
      this.add(mixed(mixed(4, telling[telling.length - back] as number), own));
    }
    telling.push(own);
  }
}

/** Before the first word and after the last. */
const EDGE = 7;

function mixed(hash: number, value: number): number {
  let mixture = Math.imul(hash ^ value, 0x9e3779b1);
  mixture ^= mixture >>> 15;
  return Math.imul(mixture, 0x85ebca77) | 0;
}

/** Of no word. */
const EDGE_STEM: Stem = { hash: EDGE, isTelling: false };

interface Stem {
  readonly hash: number;
  /** Not one of the words that hold sentences together. */
  readonly isTelling: boolean;
}

const known = new Map<string, Stem>();
const MAX_REMEMBERED = 50_000;

function stemOf(word: string): Stem {
  const remembered = known.get(word);
  if (remembered !== undefined) return remembered;
  if (known.size > MAX_REMEMBERED) known.clear();
  const stem = { hash: letterHash(wordStem(word)), isTelling: !HOLDING.has(word) };
  known.set(word, stem);
  return stem;
}

const HOLDING = new Set(
  "the a an of to in on at it is was that this and so we i you he she they be been are were for with as or but if do did does has have had just really very kind 's am".split(
    ' ',
  ),
);
