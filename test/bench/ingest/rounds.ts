/** Measures of one slice by name with unit. */
export type Measures = Readonly<Record<string, number>>;

/**
 * What alternating rounds have measured. A shared machine drifts by a factor of two within minutes, so subjects
 * are compared within a round only, and the median of those ratios is what counts.
 */
export class Rounds {
  private readonly bySubject = new Map<string, Measures[]>();

  add(subject: string, measures: Measures): void {
    const earlier = this.bySubject.get(subject) ?? [];
    this.bySubject.set(subject, [...earlier, measures]);
  }

  /** The median of each measure, by subject. */
  figures(): Record<string, Record<string, number>> {
    return Object.fromEntries(
      [...this.bySubject].map(([subject, rounds]) => {
        const names = Object.keys(rounds[0] ?? {});
        return [subject, Object.fromEntries(names.map((name) => [name, median(values(rounds, name))]))];
      }),
    );
  }

  /** The median of what `compare` makes of two subjects' measures within each round; NaN where one is missing. */
  compared(
    measure: string,
    left: string,
    right: string,
    compare: (left: number, right: number) => number,
  ): number {
    const lefts = values(this.bySubject.get(left) ?? [], measure);
    const rights = values(this.bySubject.get(right) ?? [], measure);
    return median(lefts.flatMap((value, round) => compare(value, rights[round] ?? NaN)));
  }
}

export function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, place: Math.random() }))
    .sort((left, right) => left.place - right.place)
    .map(({ item }) => item);
}

function values(rounds: readonly Measures[], name: string): number[] {
  return rounds.map((measures) => measures[name] ?? NaN);
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((left, right) => left - right);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle)] ?? NaN)) / 2;
}
