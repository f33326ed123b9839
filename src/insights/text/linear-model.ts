import { letterHash } from './letter-hash.js';
import { type ModelWeights, probabilityOf } from './model-weights.js';

/** Answers "is this an ask?" for one sentence, 0 to 1. Trained by `npm run insights -- train`. */
export class LinearModel {
  private readonly mask: number;

  constructor(private readonly model: ModelWeights) {
    this.mask = model.weights.length - 1;
  }

  /** @param features as given by {@link askFeatures}; those that training did not know do not count */
  probability(features: readonly string[]): number {
    const buckets = new Set(features.map((feature) => bucketOf(feature, this.mask)));
    const { weights } = this.model;
    let [sum, known] = [0, 0];
    for (const bucket of buckets) {
      const weight = weights[bucket] ?? 0;
      if (weight === 0) continue;
      sum += weight;
      known += 1;
    }
    return probabilityOf(this.model, sum, known);
  }
}

export function bucketOf(feature: string, mask: number): number {
  return letterHash(feature) & mask;
}

/** Who speaks to whom of what: pairs of these say more of an ask than the words between them. */
const TELLING = new Set(
  'i you your we me my us please can could would will let need should if thanks thank send call meet meeting know want like think any when what where how who ? do have available free help review discuss get see forward attached has was were been he she they it this that is are'.split(
    ' ',
  ),
);

/** Words, pairs and triples of a sentence, pairs of telling words, and its length. */
export function askFeatures(text: string): string[] {
  const words =
    text
      .toLowerCase()
      .replaceAll('’', "'")
      .replace(/\d+/g, '0')
      .match(/[a-z0']+|[?!.,:;$#]/g) ?? [];
  const padded = ['<s>', '<s>', ...words, '</s>'];
  const features: string[] = [];
  for (let at = 1; at < padded.length; at += 1) {
    features.push(`u ${padded[at]}`, `b ${padded[at - 1]} ${padded[at]}`);
    if (at > 1) features.push(`t ${padded[at - 2]} ${padded[at - 1]} ${padded[at]}`);
  }
  features.push(`L ${Math.min(6, Math.floor(words.length / 5))}`, ...tellingPairs(words));
  return features;
}

function tellingPairs(words: readonly string[]): string[] {
  const telling = [...new Set(words.filter((word) => TELLING.has(word)))].sort();
  return telling.flatMap((first, at) => telling.slice(at + 1).map((second) => `d ${first} ${second}`));
}
