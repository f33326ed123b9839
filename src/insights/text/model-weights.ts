/** The weights of a linear model over hashed features: features that fall into one bucket have the same. */
export interface ModelWeights {
  /** One for each of a power of two of buckets, times `scale`. */
  readonly weights: Int8Array;
  readonly scale: number;
  readonly bias: number;
}
