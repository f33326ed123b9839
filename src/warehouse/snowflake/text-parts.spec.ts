import { partsOf } from './text-parts.js';

describe('partsOf', () => {
  it.each([
    ['ASCII', 'abcdefghij'],
    ['characters of several bytes', 'aé€💥'.repeat(7)],
    ['nothing', ''],
  ])('cuts %s into parts that are small enough and make the whole again', (_what, text) => {
    for (const maxBytes of [4, 5, 7, 1000]) {
      const parts = partsOf(text, maxBytes);
      expect(parts.join('')).toBe(text);
      expect(parts.filter((part) => Buffer.byteLength(part) > maxBytes)).toEqual([]);
    }
  });
});
