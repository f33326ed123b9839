import type { Evidence } from '../../contracts/insight.js';
import { combined, type Finding, rounded } from './finding.js';

/** The vendor's and our own finding are of the same thing when they start this close together. */
const SAME_MOMENT_MS = 15_000;

/** Our findings, strengthened by the vendor's of the same kind and moment; what it alone heard stays apart. */
export function mergeFindings(own: readonly Finding[], vendor: readonly Finding[]): Finding[] {
  const merged = [...own];
  const alone: Finding[] = [];
  for (const finding of vendor) {
    const at = merged.findIndex((other) => isSame(other, finding));
    const before = merged[at];
    if (before === undefined) alone.push(finding);
    else merged[at] = together(before, finding);
  }
  return [...merged, ...alone];
}

function isSame(a: Finding, b: Finding): boolean {
  if (a.kind !== b.kind || a.kind === 'action_item') return false;
  if (a.kind === 'competitor' && a.subject !== b.subject) return false;
  return a.evidence.some((left) => b.evidence.some((right) => isSameMoment(left, right)));
}

function isSameMoment(a: Evidence, b: Evidence): boolean {
  return a.startMs !== null && b.startMs !== null && Math.abs(a.startMs - b.startMs) <= SAME_MOMENT_MS;
}

function together(own: Finding, vendor: Finding): Finding {
  return {
    ...own,
    score: rounded(combined([own.score, vendor.score])),
    rules: [...new Set([...own.rules, ...vendor.rules])],
    evidence: [...own.evidence, ...vendor.evidence],
  };
}
