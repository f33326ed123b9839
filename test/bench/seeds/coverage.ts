import { existsSync, readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Claim } from './claim.js';

const SUMMARY = resolve(__dirname, '../../../coverage/coverage-summary.json');

interface Summary {
  readonly total: Record<'lines' | 'branches', { readonly pct: number }>;
}

/** The coverage that `npm run coverage` found last: the whole suite takes minutes and is not run here. */
export function readCoverage(): Claim[] {
  const total = existsSync(SUMMARY)
    ? (JSON.parse(readFileSync(SUMMARY, 'utf8')) as Summary).total
    : undefined;
  const how =
    total === undefined
      ? 'npm run coverage was not run here'
      : `src over the whole suite, by npm run coverage at ${statSync(SUMMARY).mtime.toISOString().slice(0, 16)}`;
  return (['lines', 'branches'] as const).map((kind) => ({
    what: `test coverage, ${kind}`,
    seed: '90 %',
    measured: total?.[kind].pct ?? NaN,
    unit: '%',
    target: { atLeast: 90 },
    how,
  }));
}
