import fc from 'fast-check';
import { type Cue, CueIndex } from './cue-index.js';
import { firstMatch } from './pattern.js';
import { compilePattern } from './pattern-compiler.js';
import { wordNumber } from './word-numbers.js';

const LISTS = new Map([['do', ['send', 'set up', 'send over']]]);

/** Few words, so that patterns often nearly match. */
const word = fc.constantFrom('i', 'we', 'will', 'not', 'send', 'set', 'up', 'sender', 'over', '12');

const part: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: word },
  fc.constantFrom('<do>', 'send*', '#', '_', '..1', '..3', 'over?', '!not', '!(set up)', '(i|we)', 'i|we'),
  fc.constantFrom('(will|will not)?', '(send ..2 over|set)', '(not)?', '(i will|we)', '(will !not|send*)'),
);

/** One that is sure to be there, because a pattern needs one. */
const pattern = fc
  .tuple(
    fc.constantFrom('', '^ '),
    fc.array(part, { maxLength: 3 }),
    word.filter((text) => text !== '12'),
    fc.array(part, { maxLength: 3 }),
    fc.constantFrom('', ' $'),
  )
  .map(([start, before, sure, after, end]) => `${start}${[...before, sure, ...after].join(' ')}${end}`);

const cue: fc.Arbitrary<Omit<Cue, 'id'>> = fc.record({
  weight: fc.constant(1),
  patterns: fc.array(
    pattern.map((source) => compilePattern(source, LISTS)),
    { minLength: 1, maxLength: 4 },
  ),
  unless: fc.array(
    pattern.map((source) => compilePattern(source, LISTS)),
    { maxLength: 2 },
  ),
});

/** Every pattern tried at every word. */
function naively(cues: readonly Cue[], words: readonly string[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const { id, patterns, unless } of cues) {
    if (unless.some((one) => firstMatch(one, words) !== null)) continue;
    const starts = patterns.flatMap((one) => firstMatch(one, words)?.[0] ?? []);
    if (starts.length > 0) found.set(id, Math.min(...starts));
  }
  return found;
}

describe(CueIndex.name, () => {
  it('finds what trying every pattern at every word finds, sentence after sentence', () => {
    let matches = 0;
    fc.assert(
      fc.property(
        fc.array(cue, { minLength: 1, maxLength: 6 }),
        fc.array(fc.array(word, { maxLength: 14 }), { minLength: 1, maxLength: 6 }),
        (bare, sentences) => {
          const cues = bare.map((one, number) => ({ ...one, id: `cue.${number}` }));
          const index = new CueIndex(cues);
          for (const words of sentences) {
            const found = index.find(words);
            matches += found.length;
            expect(new Map(found.map((match) => [match.cue.id, match.start]))).toEqual(naively(cues, words));
            expect(index.find(words, words.map(wordNumber))).toEqual(found);
            expect(found.map(({ start }) => start)).toEqual(
              found.map(({ start }) => start).sort((a, b) => a - b),
            );
          }
        },
      ),
      { numRuns: 600 },
    );
    expect(matches).toBeGreaterThan(100);
  });

  it('gives the match of the pattern written first where two of a cue begin at one word', () => {
    const patterns = ['we will', 'we ..2 send'].map((source) => compilePattern(source, LISTS));
    const index = new CueIndex([{ id: 'promise', weight: 1, patterns, unless: [] }]);
    expect(index.find('so we will send'.split(' '))).toMatchObject([{ start: 1, end: 3 }]);
  });

  it('prefers patterns that begin with a certain word to those that begin with any', () => {
    const patterns = ['_ will send', 'we will'].map((source) => compilePattern(source, LISTS));
    const index = new CueIndex([{ id: 'promise', weight: 1, patterns, unless: [] }]);
    expect(index.find('we will send'.split(' '))).toMatchObject([{ start: 0, end: 2 }]);
  });
});
