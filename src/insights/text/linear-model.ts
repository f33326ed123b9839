/** A logistic model over hashed words: small enough to read, and the same on every machine. */
export interface LinearModelData {
  readonly bits: number;
  readonly bias: number;
  readonly scale: number;
  /** One signed byte per bucket, base64. */
  readonly weights: string;
}

/** Answers "is this an ask?" for one sentence, 0 to 1. Trained by `npm run insights -- train`. */
export class LinearModel {
  private readonly weights: Int8Array;
  private readonly mask: number;

  constructor(private readonly data: LinearModelData) {
    this.weights = new Int8Array(Buffer.from(data.weights, 'base64'));
    this.mask = (1 << data.bits) - 1;
    if (this.weights.length !== 1 << data.bits) throw new Error(`needs ${1 << data.bits} weights`);
  }

  /** @param features as given by {@link askFeatures} */
  probability(features: readonly string[]): number {
    const unique = new Set(features.map((feature) => bucketOf(feature, this.mask)));
    let sum = 0;
    for (const bucket of unique) sum += this.weights[bucket] ?? 0;
    const z = this.data.bias + (this.data.scale * sum) / Math.sqrt(Math.max(1, unique.size));
    return 1 / (1 + Math.exp(-z));
  }
}

/** FNV-1a. */
export function bucketOf(feature: string, mask: number): number {
  let hash = 2166136261;
  for (let i = 0; i < feature.length; i += 1) {
    hash = Math.imul(hash ^ feature.charCodeAt(i), 16777619);
  }
  return (hash >>> 0) & mask;
}

/** Words, pairs and triples of a sentence, its length and end, and the rules that fired. */
export function askFeatures(text: string, cueIds: readonly string[]): string[] {
  const words =
    text
      .toLowerCase()
      .replaceAll('’', "'")
      .replace(/\d+/g, '0')
      .match(/[a-z0']+|[?!.,:;$#]/g) ?? [];
  const padded = ['<s>', '<s>', ...words, '</s>'];
  const features = cueIds.length === 0 ? ['R none'] : cueIds.map((id) => `R ${id}`);
  for (let at = 1; at < padded.length; at += 1) {
    features.push(`u ${padded[at]}`, `b ${padded[at - 1]} ${padded[at]}`);
    if (at > 1) features.push(`t ${padded[at - 2]} ${padded[at - 1]} ${padded[at]}`);
  }
  features.push(`L ${Math.min(6, Math.floor(words.length / 5))}`);
  return features;
}
