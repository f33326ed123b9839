import * as fc from 'fast-check';
import { DocumentIndex } from './document-index.js';

const WORDS = ['red', 'green', 'blue', 'black', 'white'];
const asked = (...terms: string[]) => new Map(terms.map((term) => [term, 1]));

/** What happens to an index: an account's document comes, changes or goes. */
const change = fc.record({
  accountId: fc.integer({ min: 0, max: 9 }).map(String),
  terms: fc.option(fc.array(fc.constantFrom(...WORDS), { maxLength: 6 }), { nil: null }),
});

function indexAfter(changes: readonly { accountId: string; terms: string[] | null }[]): DocumentIndex {
  const index = new DocumentIndex();
  for (const { accountId, terms } of changes) {
    if (terms === null) index.remove(accountId);
    else index.put(accountId, terms);
  }
  return index;
}

describe('DocumentIndex', () => {
  it('answers after any history as an index that never saw it', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
        const last = new Map(changes.map((item) => [item.accountId, item]));
        const worn = indexAfter(changes);
        const fresh = indexAfter([...last.values()]);
        expect(worn.documents).toBe(fresh.documents);
        for (const word of WORDS) expect(worn.search(asked(word), 20)).toEqual(fresh.search(asked(word), 20));
      }),
    );
  });

  it('stays right through the clean-up of abandoned places', () => {
    const index = new DocumentIndex();
    for (let round = 0; round < 1_000; round += 1) {
      index.put(`a${round % 10}`, [`round${round}`, 'common']);
    }
    expect(index.documents).toBe(10);
    expect(index.search(asked('common'), 20).found).toHaveLength(10);
    expect(index.search(asked('round999'), 20).found.map(({ accountId }) => accountId)).toEqual(['a9']);
    expect(index.search(asked('round989'), 20).found).toEqual([]);
  });

  it('weighs rare terms more, and has no weight for a term that occurs nowhere', () => {
    const index = new DocumentIndex();
    index.put('a', ['common', 'rare']);
    index.put('b', ['common']);
    const { weights, found } = index.search(asked('common', 'rare', 'absent'), 10);
    expect(weights.get('rare')).toBeGreaterThan(weights.get('common') ?? Infinity);
    expect(weights.has('absent')).toBe(false);
    expect(found.map(({ accountId }) => accountId)).toEqual(['a', 'b']);
  });

  it('counts what is said oftener as more, in documents of one length', () => {
    const index = new DocumentIndex();
    index.put('once', ['price', 'x', 'y']);
    index.put('twice', ['price', 'price', 'y']);
    expect(index.search(asked('price'), 1).found[0]?.accountId).toBe('twice');
  });
});
