import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatAskModel } from '../loading/ask-model.file.js';
import { askFeatures, bucketOf } from '../text/linear-model.js';
import { intentSentences } from './public-sets.js';

const BITS = 17;
const EPOCHS = 25;
const RATE = 0.12;
const SHRINKAGE = 2e-5;
const SEED = 7;
const LARGEST_BYTE = 127;
/** What was seen once says nothing, and would only take a bucket from what does. */
const LEAST_SEEN = 2;

/** A sentence as the buckets of its features, and whether it is an ask. */
interface Example {
  readonly buckets: readonly number[];
  readonly isAsk: boolean;
}

/**
 * Trains the ask model on `DIR/train.txt` of EmailIntentDataSet (Apache-2.0) and writes its weights. The same
 * sentences give the same file, byte for byte.
 */
export async function trainAskModel(folder: string, outPath: string): Promise<void> {
  const sentences = intentSentences(readFileSync(join(folder, 'train.txt'), 'utf8'));
  const examples = examplesOf(sentences);
  const about = {
    task: 'Is this sentence of an e-mail an ask (request, promise, proposal, question that wants an answer)?',
    data: 'EmailIntentDataSet, src/resources/Ask0729-fixed.txt at 055f628, https://github.com/ParakweetLabs/EmailIntentDataSet',
    licence: 'Apache-2.0',
    sentences: examples.length,
    command:
      'npm run insights -- train test/fixtures/insights/emailintent --out config/insights/ask-model.json',
  };
  const { weights, scale, bias } = quantised(fit(examples));
  writeFileSync(outPath, formatAskModel(about, weights, scale, bias));
  process.stdout.write(`${examples.length} sentences, weights written to ${outPath}\n`);
}

function examplesOf(sentences: readonly { readonly text: string; readonly isAsk: boolean }[]): Example[] {
  const features = sentences.map(({ text }) => [...new Set(askFeatures(text))]);
  const seen = new Map<string, number>();
  for (const feature of features.flat()) seen.set(feature, (seen.get(feature) ?? 0) + 1);
  return sentences.map(({ isAsk }, at) => {
    const known = (features[at] ?? []).filter((feature) => (seen.get(feature) ?? 0) >= LEAST_SEEN);
    return { isAsk, buckets: [...new Set(known.map((feature) => bucketOf(feature, (1 << BITS) - 1)))] };
  });
}

interface Weights {
  readonly weights: Float64Array;
  readonly bias: number;
}

/** Logistic regression by AdaGrad, in an order that a seeded generator shuffles. */
function fit(examples: readonly Example[]): Weights {
  const weights = new Float64Array(1 << BITS);
  const squares = new Float64Array(1 << BITS).fill(1e-8);
  const random = seeded(SEED);
  let [bias, biasSquares] = [0, 1e-8];
  const order = [...examples.keys()];
  for (let epoch = 0; epoch < EPOCHS; epoch += 1) {
    shuffle(order, random);
    for (const at of order) {
      const { buckets, isAsk } = examples[at] as Example;
      const scale = 1 / Math.sqrt(Math.max(1, buckets.length));
      const z = buckets.reduce((sum, bucket) => sum + (weights[bucket] ?? 0) * scale, bias);
      const error = 1 / (1 + Math.exp(-z)) - (isAsk ? 1 : 0);
      for (const bucket of buckets) {
        const gradient = error * scale + SHRINKAGE * (weights[bucket] ?? 0);
        squares[bucket] = (squares[bucket] ?? 0) + gradient * gradient;
        weights[bucket] = (weights[bucket] ?? 0) - (RATE * gradient) / Math.sqrt(squares[bucket] ?? 1);
      }
      biasSquares += error * error;
      bias -= (RATE * error) / Math.sqrt(biasSquares);
    }
  }
  return { weights, bias };
}

function quantised({ weights, bias }: Weights): { weights: Int8Array; scale: number; bias: number } {
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
