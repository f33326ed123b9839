import { type Anchor, isFrequent } from './anchors.js';
import { MOST_NUMBERED, UNNUMBERED } from './word-numbers.js';

/** Words of all conversations that are remembered; far more than a language has. */
const MAX_REMEMBERED = 50_000;

/** The kind of the words that are no anchor. */
export const NO_ANCHOR = 0;

/** The distinct anchors of patterns, numbered from 0 because many patterns share them, and which ones a word is. */
export class AnchorSet {
  private readonly numbers = new Map<string, number>();
  private readonly leading: ReadonlySet<number>;
  private readonly byWord = new Map<string, number[]>();
  private readonly prefixes: { readonly prefix: string; readonly anchor: number }[] = [];
  /** The kind of each word: words that are the same anchors are of one kind, most words of the one that is none. */
  private readonly words = new Map<string, number>();
  /** The same by the numbers of the words, from when they are first used. */
  private byNumber = new Int32Array(0);
  private readonly kinds = new Map<string, number>();
  /** For each kind the anchors that lead a pattern. */
  private readonly leads: (readonly number[])[] = [];
  /** For each kind its rare anchors that lead none. */
  private readonly others: (readonly number[])[] = [];
  private readonly frequent = new Set<number>();
  /** For each kind a bit for each anchor, in a row of whole numbers. */
  private bits: Int32Array;
  private readonly rowLength: number;

  /** @param perPattern the anchors of each pattern, its lead first */
  constructor(perPattern: readonly (readonly Anchor[])[]) {
    for (const anchors of perPattern) for (const anchor of anchors) this.add(anchor);
    this.leading = new Set(perPattern.flatMap(([lead]) => (lead === undefined ? [] : [this.numberOf(lead)])));
    this.rowLength = Math.ceil(this.size / 32);
    this.bits = new Int32Array(this.rowLength);
    this.kindWith([]);
  }

  get size(): number {
    return this.numbers.size;
  }

  /** The same for the same words. */
  numberOf(anchor: Anchor): number {
    return this.numbers.get(keyOf(anchor)) ?? -1;
  }

  kindOfWord(word: string): number {
    return this.words.get(word) ?? this.learn(word);
  }

  /** The same, for a word whose number is known. */
  kindOf(number: number, word: string): number {
    const known = this.byNumber[number];
    if (known !== undefined && known >= 0) return known;
    const kind = this.kindOfWord(word);
    if (number === UNNUMBERED) return kind;
    if (this.byNumber.length === 0) this.byNumber = new Int32Array(MOST_NUMBERED + 1).fill(-1);
    this.byNumber[number] = kind;
    return kind;
  }

  /** Those anchors of a kind that lead a pattern. */
  leadsOf(kind: number): readonly number[] {
    return this.leads[kind] as readonly number[];
  }

  /** Whether an anchor is among {@link leadsOf} or {@link othersOf} the kinds of its words. */
  isNoticed(anchor: number): boolean {
    return this.leading.has(anchor) || !this.frequent.has(anchor);
  }

  /** The other anchors of a kind, without those that nearly every sentence has. */
  othersOf(kind: number): readonly number[] {
    return this.others[kind] as readonly number[];
  }

  /** Whether words of this kind are this anchor. */
  is(kind: number, anchor: number): boolean {
    return (((this.bits[kind * this.rowLength + (anchor >> 5)] as number) >> (anchor & 31)) & 1) === 1;
  }

  private add(anchor: Anchor): void {
    const key = keyOf(anchor);
    if (this.numbers.has(key)) return;
    const number = this.numbers.size;
    this.numbers.set(key, number);
    if (isFrequent(anchor)) this.frequent.add(number);
    for (const word of anchor.words) {
      const others = this.byWord.get(word);
      if (others === undefined) this.byWord.set(word, [number]);
      else others.push(number);
    }
    for (const prefix of anchor.prefixes) this.prefixes.push({ prefix, anchor: number });
  }

  private learn(word: string): number {
    if (this.words.size > MAX_REMEMBERED) this.words.clear();
    const begun = this.prefixes.filter(({ prefix }) => word.startsWith(prefix)).map(({ anchor }) => anchor);
    const kind = this.kindWith([...new Set([...(this.byWord.get(word) ?? []), ...begun])]);
    this.words.set(word, kind);
    return kind;
  }

  private kindWith(anchors: readonly number[]): number {
    const key = anchors.join(' ');
    const known = this.kinds.get(key);
    if (known !== undefined) return known;
    const kind = this.leads.length;
    this.kinds.set(key, kind);
    this.leads.push(anchors.filter((anchor) => this.leading.has(anchor)));
    this.others.push(anchors.filter((anchor) => !this.leading.has(anchor) && this.isNoticed(anchor)));
    const row = kind * this.rowLength;
    if (row + this.rowLength > this.bits.length) this.bits = grown(this.bits, this.rowLength);
    for (const anchor of anchors) {
      const at = row + (anchor >> 5);
      this.bits[at] = (this.bits[at] as number) | (1 << (anchor & 31));
    }
    return kind;
  }
}

function grown(bits: Int32Array, rowLength: number): Int32Array {
  const longer = new Int32Array(bits.length * 2 + rowLength);
  longer.set(bits);
  return longer;
}

function keyOf({ words, prefixes }: Anchor): string {
  return JSON.stringify([[...words].sort(), [...prefixes].sort()]);
}
