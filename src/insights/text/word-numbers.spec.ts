import { MOST_NUMBERED, UNNUMBERED, wordNumber } from './word-numbers.js';

describe('numbers of words', () => {
  it('are different for different words, stay the same, and end at some number', () => {
    const words = Array.from({ length: MOST_NUMBERED + 10 }, (_, at) => `word${at}`);
    const numbers = words.map(wordNumber);
    const given = numbers.filter((number) => number !== UNNUMBERED);
    expect(new Set(given).size).toBe(given.length);
    expect(Math.max(...given)).toBeLessThanOrEqual(MOST_NUMBERED);
    expect(numbers.slice(-10)).toEqual(Array.from({ length: 10 }, () => UNNUMBERED));
    expect(words.map(wordNumber)).toEqual(numbers);
  });
});
