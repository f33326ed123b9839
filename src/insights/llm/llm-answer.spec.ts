import fc from 'fast-check';
import { readAnswer } from './llm-answer.js';

const FINDING = { kind: 'churn_risk', sentenceIds: [1], score: 0.5 };
const READ = { ...FINDING, subject: null, stance: null, owner: null };
const read = (...findings: unknown[]) => readAnswer(JSON.stringify({ findings }));

describe('readAnswer', () => {
  it.each([
    ['as it was asked for', JSON.stringify({ findings: [FINDING] })],
    ['as a bare list', JSON.stringify([FINDING])],
    ['between fences', `Sure:\n\`\`\`json\n${JSON.stringify([FINDING])}\n\`\`\`\nAnything else?`],
    ['between fences without a language', `\`\`\`\n${JSON.stringify([FINDING])}\n\`\`\``],
  ])('reads an answer %s', (_what, text) => {
    expect(readAnswer(text)).toEqual({ findings: [READ], dropped: 0 });
  });

  it.each([
    '',
    'They may leave.',
    '{"findings":',
    'null',
    '7',
    '{}',
    '{"findings":"none"}',
    '{"findings":{}}',
  ])('knows %j as no answer', (text) => {
    expect(readAnswer(text)).toBeNull();
  });

  it.each([
    ['is no object', 'churn'],
    ['is nothing', null],
    ['is of a kind that nobody asked for', { ...FINDING, kind: 'urgent' }],
    ['has no score', { kind: 'churn_risk', sentenceIds: [1] }],
    ['has a score that is a text', { ...FINDING, score: '0.5' }],
  ])('drops a finding that %s, and counts it', (_what, finding) => {
    expect(read(FINDING, finding)).toEqual({ findings: [READ], dropped: 1 });
  });

  it.each([
    ['a score above one', { score: 7 }, { score: 1 }],
    ['a score below nothing', { score: -1 }, { score: 0 }],
    ['more sentences than prove anything', { sentenceIds: [1, 2, 3, 4] }, { sentenceIds: [1, 2, 3] }],
    ['ids that are none', { sentenceIds: [-1, 1.5, '2', null, 1e300, 4] }, { sentenceIds: [4] }],
    ['ids that are no list', { sentenceIds: 1 }, { sentenceIds: [] }],
    ['a stance that nobody knows', { stance: 'furious' }, { stance: null }],
    ['a stance', { stance: 'rejected' }, { stance: 'rejected' }],
    ['a subject', { subject: 'Fabrikam' }, { subject: 'Fabrikam' }],
    ['a subject that is no text', { subject: ['Fabrikam'] }, { subject: null }],
    ['an owner', { owner: 0 }, { owner: 0 }],
    ['an owner by name', { owner: 'Sam' }, { owner: null }],
  ])('takes of %s what is usable', (_what, given, expected) => {
    expect(read({ ...FINDING, ...given })?.findings).toEqual([{ ...READ, ...expected }]);
  });

  it('takes sixty findings of an answer that never ends', () => {
    const answer = read(...Array.from({ length: 100 }, () => FINDING));
    expect([answer?.findings.length, answer?.dropped]).toEqual([60, 40]);
  });

  it('throws at nothing, and gives scores from 0 to 1 only', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        for (const { score } of readAnswer(text)?.findings ?? []) {
          expect(score).toBeGreaterThanOrEqual(0);
          expect(score).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
});
