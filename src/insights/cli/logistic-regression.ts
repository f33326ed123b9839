import type { ModelWeights } from '../text/model-weights.js';

const SEED = 7;
const LARGEST_BYTE = 127;

/** A text as the buckets of its features, and what it is. */
export interface Example {
  /** Each once. */
  readonly buckets: readonly number[];
  readonly isPositive: boolean;
}

export interface Training {
  /** The buckets are numbers of so many bits. */
  readonly bits: number;
  readonly epochs: number;
  readonly rate: number;
  readonly shrinkage: number;
  /** Whether both kinds count the same together, however few of one there are. */
  readonly isBalanced?: boolean;
}

/**
 * Logistic regression by AdaGrad, in an order that a seeded generator shuffles: the same examples give the same weights.
 */
export function fit(examples: readonly Example[], training: Training): ModelWeights {
  const { bits, epochs, rate, shrinkage } = training;
  const weights = new Float64Array(1 << bits);
  const squares = new Float64Array(1 << bits).fill(1e-8);
  const random = seeded(SEED);
  const worth = worthOf(examples, training);
  let [bias, biasSquares] = [0, 1e-8];
  const order = [...examples.keys()];
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    shuffle(order, random);
    for (const at of order) {
      const { buckets, isPositive } = examples[at] as Example;
      const scale = 1 / Math.sqrt(Math.max(1, buckets.length));
      const z = buckets.reduce((sum, bucket) => sum + (weights[bucket] ?? 0) * scale, bias);
      const error = (1 / (1 + Math.exp(-z)) - (isPositive ? 1 : 0)) * worth(isPositive);
      for (const bucket of buckets) {
        const gradient = error * scale + shrinkage * (weights[bucket] ?? 0);
        squares[bucket] = (squares[bucket] ?? 0) + gradient * gradient;
        weights[bucket] = (weights[bucket] ?? 0) - (rate * gradient) / Math.sqrt(squares[bucket] ?? 1);
      }
      biasSquares += error * error;
      bias -= (rate * error) / Math.sqrt(biasSquares);
    }
  }
  return quantised(weights, bias);
}

function worthOf(examples: readonly Example[], { isBalanced }: Training): (isPositive: boolean) => number {
  if (isBalanced !== true) return () => 1;
  const positive = examples.filter((example) => example.isPositive).length;
  const half = examples.length / 2;
  return (isPositive) => half / (isPositive ? positive : examples.length - positive);
}

function quantised(weights: Float64Array, bias: number): ModelWeights {
  const largest = weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
  const scale = Number((largest / LARGEST_BYTE).toPrecision(6));
  return {
    weights: Int8Array.from(weights, (weight) => Math.round(weight / scale)),
    scale,
    bias: Number(bias.toPrecision(6)),
  };
}

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state / 0x7fffffff;
  };
}

function shuffle(order: number[], random: () => number): void {
  for (let at = order.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1));
    [order[at], order[other]] = [order[other] as number, order[at] as number];
  }
}
