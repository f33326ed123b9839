import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatModel } from '../loading/model.file.js';
import { askFeatures, bucketOf } from '../text/linear-model.js';
import { type Example, fit } from './logistic-regression.js';
import { intentSentences } from './public-sets.js';

const TRAINING = { bits: 17, epochs: 25, rate: 0.12, shrinkage: 2e-5 };
/** What was seen once says nothing, and would only take a bucket from what does. */
const LEAST_SEEN = 2;

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
  writeFileSync(outPath, formatModel(about, fit(examples, TRAINING)));
  process.stdout.write(`${examples.length} sentences, weights written to ${outPath}\n`);
}

function examplesOf(sentences: readonly { readonly text: string; readonly isAsk: boolean }[]): Example[] {
  const features = sentences.map(({ text }) => [...new Set(askFeatures(text))]);
  const seen = new Map<string, number>();
  for (const feature of features.flat()) seen.set(feature, (seen.get(feature) ?? 0) + 1);
  return sentences.map(({ isAsk }, at) => {
    const known = (features[at] ?? []).filter((feature) => (seen.get(feature) ?? 0) >= LEAST_SEEN);
    const buckets = known.map((feature) => bucketOf(feature, (1 << TRAINING.bits) - 1));
    return { isPositive: isAsk, buckets: [...new Set(buckets)] };
  });
}
