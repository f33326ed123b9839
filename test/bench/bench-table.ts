import type { BenchResult, Ratio } from './bench-result.js';
import { type Claim, isMet } from './seeds/claim.js';

/** The figures as a table: one line for each subject, one column for each measure, in order of appearance. */
export function tableLines(figures: BenchResult['figures']): string[] {
  const subjects = Object.entries(figures);
  const measures = [...new Set(subjects.flatMap(([, measured]) => Object.keys(measured)))];
  if (measures.length === 0) return [];
  const rows = subjects.map(([subject, measured]) => [
    subject,
    ...measures.map((measure) => numberText(measured[measure])),
  ]);
  return aligned([['', ...measures], ...rows]);
}

/** The ratios, each with its target and whether it is reached. */
export function ratioLines(ratios: BenchResult['ratios']): string[] {
  const rows = Object.entries(ratios).map(([name, ratio]) => [name, numberText(ratio.value), verdict(ratio)]);
  return aligned(rows);
}

/** Each claim with what was measured, whether that is met, and how it was measured; Markdown, to be kept. */
export function claimLines(claims: readonly Claim[]): string[] {
  if (claims.length === 0) return [];
  const rows = claims.map((claim) => [
    claim.what,
    claim.seed,
    `${numberText(claim.measured)} ${claim.unit}`,
    Number.isNaN(claim.measured) ? 'not measured' : isMet(claim) ? 'met' : 'NOT MET',
    claim.how,
  ]);
  const head = ['what', 'seed', 'measured', '', 'how'];
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`);
}

function verdict({ value, target }: Ratio): string {
  if (target === undefined) return '';
  const { atLeast = -Infinity, atMost = Infinity } = target;
  const wanted = [
    atLeast === -Infinity ? [] : [`>= ${atLeast}`],
    atMost === Infinity ? [] : [`<= ${atMost}`],
  ].flat();
  return `${value >= atLeast && value <= atMost ? 'ok' : 'MISSED'} (${wanted.join(' and ')})`;
}

/** The first column to the left, numbers to the right. */
function aligned(rows: readonly string[][]): string[] {
  const widths = (rows[0] ?? []).map((_cell, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
}

/** Three digits say enough; more would promise what a shared machine cannot keep. */
function numberText(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return '-';
  if (Number.isInteger(value) || Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en-US');
  return value.toPrecision(3);
}
