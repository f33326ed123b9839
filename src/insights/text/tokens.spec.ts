import fc from 'fast-check';
import { AFTER_BREAK, CONTRACTED, sentencesOf } from './tokens.js';
import { CAPITAL, SHOUTED } from './word-forms.js';

const wordsOf = (text: string) => sentencesOf(text).map(({ words }) => words.join(' '));

describe('sentencesOf', () => {
  it.each([
    ["We're out. That won't work, will it?", ['we are out', 'that will not work will it']],
    ["I can't, dont wanna", ['i can not do not want to']],
    ['so, um, we, we have it', ['so we have it']],
    ["it's, it's not ready", ['it is not ready']],
    ['Yes, you know, we tried People.ai v3.5', ['yes we tried people.ai v3 5']],
    ['Dr. Smith met Ms. Lee vs. us.', ['dr smith met ms lee vs us']],
    [
      'Hi Tom,\nplease send it\n\n- the list\n- the deck',
      ['hi tom', 'please send it', 'the list', 'the deck'],
    ],
    ['an auto-renew clause', ['an auto renew clause']],
    ['Zoë’s café, naïve', ["zoë 's café naïve"]],
    ['... ?! \n\n', []],
  ])('reads %j', (text, expected) => {
    expect(wordsOf(text)).toEqual(expected);
  });

  it('notes how each word is written', () => {
    const [sentence] = sentencesOf("Well, IT's a Mess");
    expect(sentence?.words).toEqual(['well', 'it', 'is', 'a', 'mess']);
    expect(sentence?.marks).toEqual([CAPITAL, CAPITAL | AFTER_BREAK, CAPITAL | CONTRACTED, 0, CAPITAL]);
    expect(sentencesOf('OK')[0]?.marks).toEqual([CAPITAL | SHOUTED]);
  });

  it('keeps places: each sentence is a slice of the text, in order', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        let last = 0;
        for (const { start, end, words, marks } of sentencesOf(text)) {
          expect(start).toBeGreaterThanOrEqual(last);
          expect(end).toBeGreaterThan(start);
          expect(end).toBeLessThanOrEqual(text.length);
          expect(marks).toHaveLength(words.length);
          expect(words.length).toBeGreaterThan(0);
          last = end;
        }
      }),
    );
  });
});
