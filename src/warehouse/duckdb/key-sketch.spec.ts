import { createHash } from 'node:crypto';
import { KeySketch } from './key-sketch.js';

type Hash = readonly [low: number, high: number];

/** So many hashes, the same ones each time. */
function hashes(count: number): Hash[] {
  const bytes = createHash('shake256', { outputLength: count * 8 })
    .update('keys')
    .digest();
  return Array.from({ length: count }, (_item, index) => [
    bytes.readUInt32LE(index * 8),
    bytes.readUInt32LE(index * 8 + 4),
  ]);
}

const ALL = hashes(80_000);
const KNOWN = ALL.slice(0, 60_000);
const UNKNOWN = ALL.slice(60_000);

describe('KeySketch', () => {
  it.each([
    ['of the expected size', KNOWN.length],
    ['that has grown', 0],
  ])('%s knows every key that was added, and takes hardly any other for known', (_which, expectedKeys) => {
    const sketch = new KeySketch(expectedKeys);
    for (const [low, high] of KNOWN) sketch.add(low, high);
    expect(KNOWN.filter(([low, high]) => !sketch.mayHave(low, high))).toEqual([]);
    expect(UNKNOWN.filter(([low, high]) => sketch.mayHave(low, high)).length).toBeLessThanOrEqual(5);
  });

  it('knows nothing in the beginning, and takes the largest and the smallest hash', () => {
    const sketch = new KeySketch(1);
    const edges: Hash[] = [
      [0, 0],
      [0xffffffff, 0xffffffff],
      [0x80000000, 0x80000000],
    ];
    expect(edges.map(([low, high]) => sketch.mayHave(low, high))).toEqual([false, false, false]);
    for (const [low, high] of edges) sketch.add(low, high);
    expect(edges.map(([low, high]) => sketch.mayHave(low, high))).toEqual([true, true, true]);
  });
});
