/** Counts of a yes/no judgement: found and right, found and wrong, missed. */
export interface Counts {
  readonly right: number;
  readonly wrong: number;
  readonly missed: number;
}

export interface Quality extends Counts {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

export function qualityOf({ right, wrong, missed }: Counts): Quality {
  const precision = right + wrong === 0 ? 1 : right / (right + wrong);
  const recall = right + missed === 0 ? 1 : right / (right + missed);
  const f1 = precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);
  return { right, wrong, missed, precision, recall, f1 };
}

/** Counts over pairs of what was said and what is true. */
export function countsOf(pairs: readonly (readonly [said: boolean, isTrue: boolean])[]): Counts {
  const count = (said: boolean, isTrue: boolean) =>
    pairs.filter(([a, b]) => a === said && b === isTrue).length;
  return { right: count(true, true), wrong: count(true, false), missed: count(false, true) };
}

/** Pearson's r. */
export function correlation(pairs: readonly (readonly [number, number])[]): number {
  const n = pairs.length;
  const mean = (at: 0 | 1) => pairs.reduce((sum, pair) => sum + pair[at], 0) / n;
  const [meanA, meanB] = [mean(0), mean(1)];
  let [products, squaresA, squaresB] = [0, 0, 0];
  for (const [a, b] of pairs) {
    products += (a - meanA) * (b - meanB);
    squaresA += (a - meanA) ** 2;
    squaresB += (b - meanB) ** 2;
  }
  return products / Math.sqrt(squaresA * squaresB);
}
