/** The weights of a linear model over hashed features: features that fall into one bucket have the same. */
export interface ModelWeights {
  /** One for each of a power of two of buckets, times `scale`. */
  readonly weights: Int8Array;
  readonly scale: number;
  readonly bias: number;
}

/**
 * What the model says of a text, 0 to 1.
 * @param sum of the weights of its features, not yet times `scale`
 * @param known how many of its features have a weight
 */
export function probabilityOf({ scale, bias }: ModelWeights, sum: number, known: number): number {
  return 1 / (1 + Math.exp(-(bias + (scale * sum) / Math.sqrt(Math.max(1, known)))));
}
