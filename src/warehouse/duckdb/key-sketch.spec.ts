import { createHash } from 'node:crypto';
import { KeySketch } from './key-sketch.js';

function hashOf(key: string): [low: number, high: number] {
  const digest = createHash('sha256').update(key).digest();
  return [digest.readUInt32LE(0), digest.readUInt32LE(4)];
}

describe('KeySketch', () => {
  it('knows every key that was added, however often it has grown', () => {
    const sketch = new KeySketch(0);
    const hashes = Array.from({ length: 150_000 }, (_item, index) => hashOf(`known ${index}`));
    for (const hash of hashes) sketch.add(...hash);
    expect(hashes.filter((hash) => !sketch.mayHave(...hash))).toEqual([]);
  });

  it.each([
    ['of the expected size', 100_000],
    ['that has grown', 0],
  ])('%s takes at most a few of 50,000 unknown keys for known', (_which, expectedKeys) => {
    const sketch = new KeySketch(expectedKeys);
    for (let index = 0; index < 100_000; index += 1) sketch.add(...hashOf(`known ${index}`));
    let mistaken = 0;
    for (let index = 0; index < 50_000; index += 1) {
      if (sketch.mayHave(...hashOf(`unknown ${index}`))) mistaken += 1;
    }
    expect(mistaken).toBeLessThanOrEqual(5);
  });

  it('knows nothing in the beginning, and takes the largest and the smallest hash', () => {
    const sketch = new KeySketch(1);
    const edges: [low: number, high: number][] = [
      [0, 0],
      [0xffffffff, 0xffffffff],
      [0x80000000, 0x80000000],
    ];
    expect(edges.map((hash) => sketch.mayHave(...hash))).toEqual([false, false, false]);
    for (const hash of edges) sketch.add(...hash);
    expect(edges.map((hash) => sketch.mayHave(...hash))).toEqual([true, true, true]);
  });
});
