import fc from 'fast-check';
import { fit } from '../cli/logistic-regression.js';
import { MOST_FEATURES, phraseBuckets, PhraseModel } from './phrase-model.js';

const BITS = 12;
const MASK = (1 << BITS) - 1;
const buckets = new Int32Array(MOST_FEATURES);
const bucketsOf = (text: string) => [
  ...new Set(buckets.subarray(0, phraseBuckets(text.split(' '), MASK, buckets))),
];

const LEAVING = ['we are not renewing it', 'we will not renew in may', 'they are leaving you in june'];
const STAYING = ['the dashboard is lovely', 'we will meet in may', 'they are adding people in june'];

describe(PhraseModel.name, () => {
  const examples = [
    ...LEAVING.map((text) => ({ buckets: bucketsOf(text), isPositive: true })),
    ...STAYING.map((text) => ({ buckets: bucketsOf(text), isPositive: false })),
  ];
  const model = new PhraseModel(fit(examples, { bits: BITS, epochs: 30, rate: 0.1, shrinkage: 1e-4 }));
  const probability = (text: string) => model.probability(text.split(' '));

  it('has learned what it was shown, and takes forms of a word for one', () => {
    for (const text of LEAVING) expect(probability(text)).toBeGreaterThan(0.5);
    for (const text of STAYING) expect(probability(text)).toBeLessThan(0.5);
    expect(probability('we are not renewed')).toBeGreaterThan(probability('we are lovely'));
  });

  it('says the same of the same words, whatever came before, between 0 and 1', () => {
    const words = fc.array(fc.oneof(fc.constantFrom('not', 'renew', 'we', '12', '@'), fc.string()), {
      maxLength: 400,
    });
    fc.assert(
      fc.property(words, words, (first, second) => {
        const once = model.probability(first);
        model.probability(second);
        expect(model.probability(first)).toBe(once);
        expect(once).toBeGreaterThanOrEqual(0);
        expect(once).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('gives every feature a bucket within reach, and no more than there is room for', () => {
    const many = Array.from({ length: 5_000 }, (_, at) => `word${at}`);
    expect(phraseBuckets(many, MASK, buckets)).toBe(MOST_FEATURES);
    for (const bucket of buckets) expect(bucket >= 0 && bucket <= MASK).toBe(true);
  });
});
