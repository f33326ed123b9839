import fc from 'fast-check';
import { resolve } from 'node:path';
import type { Conversation } from '../../contracts/conversation.js';
import { loadRules } from '../loading/rule-files.js';
import { MOST_FEATURES, phraseBuckets, PhraseModel } from '../text/phrase-model.js';
import { utteranceOf } from '../cli/texts.js';
import { findAll } from './analyse.js';
import type { Finding } from './finding.js';
import type { RuleSet } from './rule-set.js';

const RULES = loadRules(resolve(__dirname, '../../../config/insights'));

/** A model that hears leaving in the word "goodbye" (0.81) and in nothing else (0.12). */
function listening(): RuleSet {
  const weights = new Int8Array(1 << 12);
  const buckets = new Int32Array(MOST_FEATURES);
  phraseBuckets(['goodbye'], weights.length - 1, buckets);
  // The word by itself comes first.
  weights[buckets[0] as number] = 127;
  return { ...RULES, churnModel: new PhraseModel({ weights, scale: 0.027, bias: -2 }) };
}

const SMALL_TALK = [
  'The room is quite blue.',
  'We had soup for lunch.',
  'It rained a lot here.',
  'My dog is quite old.',
];

function churnIn(said: readonly string[], change: Partial<Conversation> = {}): Finding | undefined {
  const conversation = { ...utteranceOf(said.join(' ')), ...change };
  const steps = findAll(conversation, listening());
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value.findings.find(({ kind }) => kind === 'churn_risk');
  }
}

describe('churn that the model hears', () => {
  const twice = [...SMALL_TALK, 'It is a kind of goodbye.', 'So goodbye to the blue room.'];

  it('is worth a look where two sentences sound like it, and quotes them', () => {
    const finding = churnIn(twice);
    expect(finding).toMatchObject({ rules: ['churn.model'] });
    expect(finding?.score).toBeGreaterThanOrEqual(0.3);
    expect(finding?.score).toBeLessThanOrEqual(0.5);
    expect(finding?.evidence.map(({ quote }) => quote)).toEqual(twice.slice(-2));
  });

  it.each<[string, readonly string[], Partial<Conversation>]>([
    ['in small talk', [...SMALL_TALK, 'We had tea at five.', 'Hello to the blue room.'], {}],
    ['in a word by itself', [...SMALL_TALK, 'Goodbye.', 'We had tea at five.'], {}],
    ['in single utterances', twice.slice(-2), {}],
    ['in mails', twice, { kind: 'email' }],
    ['in notes', twice, { kind: 'note' }],
    ['in a first sale', twice, { title: 'Acme - discovery call' }],
    [
      'where their customers leave',
      [...SMALL_TALK, 'Our customers cancelled and said goodbye.', 'My clients are leaving, goodbye.'],
      {},
    ],
  ])('is none %s', (_where, said, change) => {
    expect(churnIn(said, change)).toBeUndefined();
  });

  it('never makes the rules say less, and is never explicit alone', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...twice, 'Goodbye goodbye.'), { maxLength: 30 }), (said) => {
        const explicit = 'We will not renew our contract with you.';
        expect(churnIn(said)?.score ?? 0).toBeLessThanOrEqual(0.5);
        const { score = 0 } = churnIn([explicit]) ?? {};
        expect(churnIn([explicit, ...said])?.score).toBeGreaterThanOrEqual(score);
      }),
      { numRuns: 50 },
    );
  });
});
