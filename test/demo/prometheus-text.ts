export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

type Labels = Sample['labels'];

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

/** Reads Prometheus' text format (prometheus.io: "Exposition formats", read 2026-01), as far as counts go. */
export function parseMetrics(text: string): Sample[] {
  return text.split('\n').flatMap((line) => {
    const [, name, labels = '', value] = LINE.exec(line) ?? [];
    if (name === undefined || value === undefined) return [];
    return [{ name, labels: labelsOf(labels), value: value === '+Inf' ? Infinity : Number(value) }];
  });
}

/** The sum of all samples of that name which carry the labels. */
export function total(samples: readonly Sample[], name: string, labels: Labels = {}): number {
  return matching(samples, name, labels).reduce((sum, { value }) => sum + value, 0);
}

/** Value by one label's values, for tables. */
export function totalsBy(samples: readonly Sample[], name: string, label: string): Map<string, number> {
  const totals = new Map<string, number>();
  for (const { labels, value } of matching(samples, name, {})) {
    const key = labels[label] ?? '';
    totals.set(key, (totals.get(key) ?? 0) + value);
  }
  return totals;
}

/**
 * The quantile of a histogram by linear interpolation within its bucket, as Prometheus' histogram_quantile
 * does; what lies beyond the last bound is reported as that bound.
 * @returns undefined for an empty histogram.
 */
export function histogramQuantile(
  samples: readonly Sample[],
  name: string,
  quantile: number,
): number | undefined {
  const buckets = [...totalsBy(samples, `${name}_bucket`, 'le')]
    .map(([bound, count]) => ({ bound: bound === '+Inf' ? Infinity : Number(bound), count }))
    .sort((left, right) => left.bound - right.bound);
  const rank = quantile * (buckets.at(-1)?.count ?? 0);
  if (rank === 0) return undefined;
  let below = { bound: 0, count: 0 };
  for (const bucket of buckets) {
    if (bucket.count >= rank) {
      if (bucket.bound === Infinity) return below.bound;
      const share = (rank - below.count) / (bucket.count - below.count);
      return below.bound + (bucket.bound - below.bound) * share;
    }
    below = bucket;
  }
  return undefined;
}

function matching(samples: readonly Sample[], name: string, labels: Labels): Sample[] {
  return samples.filter(
    (sample) =>
      sample.name === name &&
      Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  );
}

function labelsOf(text: string): Labels {
  return Object.fromEntries([...text.matchAll(LABEL)].map(([, name = '', value = '']) => [name, value]));
}
