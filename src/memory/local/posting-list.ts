/** Counts above this are all "very often". */
const MAX_COUNT = 255;

/** Where a term occurs: places of documents, in rising order, each with how often. Four bytes an entry. */
export class PostingList {
  private entries = new Uint32Array(4);
  private used = 0;

  /** @param place of a document, higher than any before, and below 2^24. */
  add(place: number, count: number): void {
    if (this.used === this.entries.length) {
      const larger = new Uint32Array(this.entries.length * 2);
      larger.set(this.entries);
      this.entries = larger;
    }
    this.entries[this.used] = place * (MAX_COUNT + 1) + Math.min(count, MAX_COUNT);
    this.used += 1;
  }

  forEach(visit: (place: number, count: number) => void): void {
    for (let index = 0; index < this.used; index += 1) {
      const entry = this.entries[index] ?? 0;
      visit(Math.floor(entry / (MAX_COUNT + 1)), entry % (MAX_COUNT + 1));
    }
  }
}
