import fc from 'fast-check';
import { CAPITAL, SHOUTED, WordForms } from './word-forms.js';
import { wordNumber } from './word-numbers.js';

describe(WordForms.name, () => {
  it('reads a word the same wherever it stands and whatever was read before', () => {
    const forms = new WordForms();
    const piece = fc.oneof(
      fc.constantFrom('Um', 'we', "won't", 'WON’T', 'dont', "it's", 'OK', 'Zoë', 'People.ai'),
      fc.stringMatching(/^[a-cA-C']{1,3}$/),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 }),
    );
    fc.assert(
      fc.property(
        fc.string({ maxLength: 5 }),
        piece,
        fc.string({ maxLength: 5 }),
        (before, written, after) => {
          const end = before.length + written.length;
          const found = forms.of(before + written + after, before.length, end);
          expect(found).toEqual(new WordForms().of(written, 0, written.length));
          expect(found.piece).toBe(written);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('still reads every word when there are more words than places', () => {
    const forms = new WordForms();
    for (let number = 0; number < 150_000; number += 1) {
      const word = `W${number.toString(36)}`;
      if (forms.of(word, 0, word.length).piece !== word) throw new Error(`${word} is taken for another`);
    }
    expect(forms.of('W1', 0, 2)).toMatchObject({ piece: 'W1', words: ['w1'], marks: CAPITAL | SHOUTED });
    expect(forms.of('W1', 0, 2).numbers).toEqual([wordNumber('w1')]);
  });
});
