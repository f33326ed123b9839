import fc from 'fast-check';
import { firstMatch } from './pattern.js';
import { compilePattern, PatternError } from './pattern-compiler.js';

const LISTS = new Map([['us', ['you', 'you (guys|folks)', 'the tool']]]);
const matches = (pattern: string, text: string) => {
  const words = text.split(' ');
  const found = firstMatch(compilePattern(pattern, LISTS), words);
  return found === null ? null : words.slice(...found).join(' ');
};

describe('patterns', () => {
  it.each([
    ['cancel|end the? contract', 'we end contract', 'end contract'],
    ['(not renew|let it lapse)', 'we let it lapse', 'let it lapse'],
    ['renew* ..2 may', 'renewing it in may', 'renewing it in may'],
    ['renew* ..2 may', 'renewing it all again in may', null],
    ['leave <us>', 'we leave the tool now', 'leave the tool'],
    ['leave !(early|now)', 'i leave now', null],
    ['leave !(early|now)', 'i leave soon', 'leave'],
    ['add # seats', 'add 12 seats', 'add 12 seats'],
    ['add # seats', 'add twelve seats', 'add twelve seats'],
    ['^ yes', 'oh yes', null],
    ['out $', 'we are out', 'out'],
    ['out $', 'out of time', null],
    ['dear _ team', 'dear support team', 'dear support team'],
  ])('%s in "%s" is %j', (pattern, text, expected) => {
    expect(matches(pattern, text)).toBe(expected);
  });

  it.each([
    ['leave (now', 'a bracket is not closed'],
    ['leave )', 'unexpected ")"'],
    ['leave <them>', 'knows no list <them>'],
    ['..3', 'needs a word that every match has: not optional, no number, no gap'],
    ['leave? now?', 'needs a word that every match has: not optional, no number, no gap'],
    ['leave ..99 now', 'a gap of more than 30 words'],
    ['(a|)', 'an alternative is empty'],
    ['[a-z]+', 'does not understand "[-]+"'],
    ['', 'is empty'],
  ])('refuses %j: %s', (pattern, message) => {
    expect(() => compilePattern(pattern, LISTS)).toThrow(new PatternError(message));
  });

  it('refuses a list that refers to itself', () => {
    const lists = new Map([['a', ['x <a>']]]);
    expect(() => compilePattern('<a>', lists)).toThrow('list <a> refers to itself');
  });

  it('never takes more than a bounded number of steps', () => {
    const nasty = compilePattern('x ..30 (a|b|a b) ..30 (a|b|a b) ..30 (a|b|a b) ..30 (a|b|a b) y', LISTS);
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b'), { minLength: 400, maxLength: 400 }), (words) => {
        expect(firstMatch(nasty, ['x', ...words])).toBeNull();
      }),
      { numRuns: 20 },
    );
  });
});
