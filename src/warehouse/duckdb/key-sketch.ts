/** So that of a full filter one unknown key in about 24,000 is taken for a known one; of a half full one, in millions. */
const BITS_PER_KEY = 24;
const PROBES = 8;
const FEWEST_BITS = 2 ** 20;
/** What 32-bit arithmetic can address. */
const MOST_BITS = 2 ** 31;

interface Layer {
  readonly words: Uint32Array;
  readonly mask: number;
  readonly capacity: number;
  size: number;
}

/**
 * Remembers which keys a table may have: a Bloom filter that grows, of 3 to 6 bytes for each key. It never forgets a
 * key; now and then it takes an unknown one for known.
 */
export class KeySketch {
  private readonly layers: [Layer, ...Layer[]];

  /** @param expectedKeys more may come; then it grows by another filter, twice as large. */
  constructor(expectedKeys: number) {
    this.layers = [layerOf(expectedKeys * BITS_PER_KEY)];
  }

  /** @param low @param high the key's hash, 32 bits each. */
  add(low: number, high: number): void {
    let [newest] = this.layers;
    if (newest.size >= newest.capacity) {
      newest = layerOf((newest.mask + 1) * 2);
      this.layers.unshift(newest);
    }
    newest.size += 1;
    const { words, mask } = newest;
    // Double hashing; the step is odd, so that it visits every bit of a power of two.
    const step = (high | 1) >>> 0;
    for (let probe = 0, at = low >>> 0; probe < PROBES; probe += 1, at = (at + step) >>> 0) {
      const bit = (at & mask) >>> 0;
      words[bit >>> 5] = (words[bit >>> 5] ?? 0) | (1 << (bit & 31));
    }
  }

  /** Whether the key may have been added; false is certain. */
  mayHave(low: number, high: number): boolean {
    return this.layers.some((layer) => isIn(layer, low, high));
  }
}

function isIn({ words, mask }: Layer, low: number, high: number): boolean {
  const step = (high | 1) >>> 0;
  for (let probe = 0, at = low >>> 0; probe < PROBES; probe += 1, at = (at + step) >>> 0) {
    const bit = (at & mask) >>> 0;
    if (((words[bit >>> 5] ?? 0) & (1 << (bit & 31))) === 0) return false;
  }
  return true;
}

function layerOf(wantedBits: number): Layer {
  const bits = Math.min(MOST_BITS, 2 ** Math.ceil(Math.log2(Math.max(FEWEST_BITS, wantedBits))));
  return {
    words: new Uint32Array(bits / 32),
    mask: bits - 1,
    capacity: Math.floor(bits / BITS_PER_KEY),
    size: 0,
  };
}
