import { rarityOf, strengthOf } from '../text/bm25.js';
import { PostingList } from './posting-list.js';

export interface FoundDocument {
  readonly accountId: string;
  readonly score: number;
}

export interface IndexAnswer {
  /** The best documents first. */
  readonly found: readonly FoundDocument[];
  /** For each term of the question that occurs anywhere: how much it counts times how rare it is. */
  readonly weights: ReadonlyMap<string, number>;
}

interface Place {
  readonly accountId: string;
  readonly terms: number;
}

/** With fewer abandoned places than this, cleaning up is not worth it. */
const LEAST_ABANDONED = 256;

/**
 * A full-text index of documents in memory (BM25). It holds no text: terms and counts only, about four
 * bytes for each different term of a document. A changed document gets a new place, and its old place is
 * abandoned; when half of all places are abandoned, they are cleaned up.
 */
export class DocumentIndex {
  private places: (Place | null)[] = [];
  private readonly placeOf = new Map<string, number>();
  private postings = new Map<string, PostingList>();
  private allTerms = 0;

  get documents(): number {
    return this.placeOf.size;
  }

  /** Takes a document in, or anew. */
  put(accountId: string, terms: readonly string[]): void {
    this.remove(accountId);
    const place = this.places.length;
    this.places.push({ accountId, terms: terms.length });
    this.placeOf.set(accountId, place);
    this.allTerms += terms.length;
    for (const [term, count] of countsOf(terms)) this.listOf(this.postings, term).add(place, count);
  }

  remove(accountId: string): void {
    const place = this.placeOf.get(accountId);
    if (place === undefined) return;
    this.allTerms -= this.places[place]?.terms ?? 0;
    this.places[place] = null;
    this.placeOf.delete(accountId);
    const abandoned = this.places.length - this.placeOf.size;
    if (abandoned > Math.max(LEAST_ABANDONED, this.placeOf.size)) this.cleanUp();
  }

  /** @param question terms, each with how much it counts. */
  search(question: ReadonlyMap<string, number>, limit: number): IndexAnswer {
    const scores = new Map<Place, number>();
    const weights = new Map<string, number>();
    for (const [term, importance] of question) {
      const hits = this.hitsOf(term);
      if (hits.length === 0) continue;
      const weight = importance * rarityOf(hits.length, this.documents);
      weights.set(term, weight);
      const usualLength = this.allTerms / this.documents;
      for (const { place, count } of hits) {
        const score = weight * strengthOf(count, place.terms / usualLength);
        scores.set(place, (scores.get(place) ?? 0) + score);
      }
    }
    const found = [...scores].map(([{ accountId }, score]) => ({ accountId, score }));
    return { found: found.sort(byScore).slice(0, limit), weights };
  }

  private hitsOf(term: string): { place: Place; count: number }[] {
    const hits: { place: Place; count: number }[] = [];
    this.postings.get(term)?.forEach((number, count) => {
      const place = this.places[number];
      if (place) hits.push({ place, count });
    });
    return hits;
  }

  private cleanUp(): void {
    const kept = this.places
      .map((place, number) => ({ place, number }))
      .filter(({ place }) => place !== null);
    const newNumbers = new Map(kept.map(({ number }, index) => [number, index]));
    const cleaned = new Map<string, PostingList>();
    for (const [term, list] of this.postings) {
      list.forEach((number, count) => {
        const place = newNumbers.get(number);
        if (place !== undefined) this.listOf(cleaned, term).add(place, count);
      });
    }
    this.postings = cleaned;
    this.places = kept.map(({ place }) => place);
    this.places.forEach((place, number) => place !== null && this.placeOf.set(place.accountId, number));
  }

  private listOf(postings: Map<string, PostingList>, term: string): PostingList {
    const known = postings.get(term);
    if (known !== undefined) return known;
    const list = new PostingList();
    postings.set(term, list);
    return list;
  }
}

function countsOf(terms: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1);
  return counts;
}

/** The higher score first; equal ones in a fixed order, so that the same question has the same answer. */
function byScore(one: FoundDocument, other: FoundDocument): number {
  return other.score - one.score || one.accountId.localeCompare(other.accountId);
}
