import { strengthOf } from './bm25.js';
import { type Passage, passagesOf, quoteOf } from './passages.js';
import { termsOf } from './words.js';

/** A document that may hold an answer. */
export interface Candidate {
  readonly accountId: string;
  readonly accountName: string;
  readonly labels: readonly string[];
  readonly text: string;
  /** How well the document as a whole answers. */
  readonly score: number;
}

export interface RankedPassage {
  readonly candidate: Candidate;
  readonly text: string;
  readonly score: number;
}

/** A term of the question: how much it counts, times how rare it is. */
export type TermWeights = ReadonlyMap<string, number>;

/** Words of a usual bullet; only the ratio matters. */
const USUAL_PASSAGE_TERMS = 25;

/** A passage counts most; its document decides between passages that say the same. */
const DOCUMENT_INFLUENCE = 0.3;

/** Answers of one account, so that a talkative account does not fill the whole list. */
const PASSAGES_PER_ACCOUNT = 3;

/**
 * The best passages of the candidates. What is asked of an account by its name or group is answered by
 * each of its passages, the best first. Pure.
 */
export function rankPassages(
  candidates: readonly Candidate[],
  weights: TermWeights,
  limit: number,
): RankedPassage[] {
  return candidates
    .flatMap((candidate) => bestOf(candidate, weights))
    .sort(byScore)
    .slice(0, limit);
}

function bestOf(candidate: Candidate, weights: TermWeights): RankedPassage[] {
  const context = scoreOf(termsOf([candidate.accountName, ...candidate.labels].join(' ')), weights);
  return passagesOf(candidate.text)
    .map((passage) => {
      const own = scoreOf(termsOf(quoteOf(passage)), weights);
      const score = own + context + DOCUMENT_INFLUENCE * candidate.score;
      return { candidate, text: quoteOf(passage), score, answers: own + context > 0 };
    })
    .filter(({ answers }) => answers)
    .sort(byScore)
    .slice(0, PASSAGES_PER_ACCOUNT);
}

/** The best passages of one text, in the text's order; none where no word of the question occurs. */
export function bestPassagesOf(text: string, weights: TermWeights, count: number): Passage[] {
  const passages = passagesOf(text);
  const scores = new Map(
    passages.map((passage) => [passage, scoreOf(termsOf(quoteOf(passage)), weights)] as const),
  );
  const best = passages
    .filter((passage) => (scores.get(passage) ?? 0) > 0)
    .sort((one, other) => (scores.get(other) ?? 0) - (scores.get(one) ?? 0))
    .slice(0, count);
  return passages.filter((passage) => best.includes(passage));
}

function scoreOf(terms: readonly string[], weights: TermWeights): number {
  let score = 0;
  for (const [term, weight] of weights) {
    const count = terms.filter((candidate) => candidate === term).length;
    if (count > 0) score += weight * strengthOf(count, terms.length / USUAL_PASSAGE_TERMS);
  }
  return score;
}

/** The higher score first; equal ones in a fixed order, so that the same question has the same answer. */
function byScore(one: RankedPassage, other: RankedPassage): number {
  return other.score - one.score || one.candidate.accountId.localeCompare(other.candidate.accountId);
}
