import { passagesOf, quoteOf } from './passages.js';

const quotes = (markdown: string) => passagesOf(markdown).map(quoteOf);

describe('passagesOf', () => {
  it('takes each bullet under the headings it stands under, without the title', () => {
    const markdown = '# Acme\n\n## Notes\n- one\n- two\n\n### March\n* three\n\n## Deals\n1. four\n2) five\n';
    expect(quotes(markdown)).toEqual([
      'Notes: one',
      'Notes: two',
      'Notes > March: three',
      'Deals: four',
      'Deals: five',
    ]);
  });

  it('keeps what is nested in a bullet, or goes on in the next line, with it', () => {
    const markdown = '- Deal: expansion\n  - Stage: negotiation\n  and more\n- Next';
    expect(quotes(markdown)).toEqual(['Deal: expansion - Stage: negotiation and more', 'Next']);
  });

  it('takes paragraphs as a whole and tables row by row', () => {
    const markdown = 'First line\nsecond line\n\nOther.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |';
    expect(quotes(markdown)).toEqual([
      'First line second line',
      'Other.',
      '| a | b |',
      '| 1 | 2 |',
      '| 3 | 4 |',
    ]);
  });

  it('splits long paragraphs between sentences and loses nothing of them', () => {
    const sentences = Array.from({ length: 40 }, (_item, index) => `Sentence ${index} says a little more.`);
    const parts = quotes(sentences.join(' '));
    expect(parts.length).toBeGreaterThan(2);
    expect(Math.max(...parts.map(({ length }) => length))).toBeLessThanOrEqual(600);
    expect(parts.join(' ')).toBe(sentences.join(' '));
  });

  it('has none in an empty text, nor in headings alone', () => {
    expect(quotes('')).toEqual([]);
    expect(quotes('# Acme\n\n## Notes\n')).toEqual([]);
  });

  it('reads Windows line ends', () => {
    expect(quotes('# A\r\n## N\r\n- one\r\n- two\r\n')).toEqual(['N: one', 'N: two']);
  });
});
