import { lineEvidence } from './conversation-view.js';
import { combined, type Finding, rounded } from './finding.js';
import type { MarkedLine } from './marked-line.js';
import type { Settings } from './setting.rule.js';

const MAX_EVIDENCE = 6;
/** Only tentative: "maybe next year", "not yet". */
const DEFERRED = 0.62;

/** The chance to sell more to an existing customer: one finding that quotes what their side said, or none. */
export function upsellFinding(lines: readonly MarkedLine[], settings: Settings): Finding | null {
  const signs = lines.filter(({ line }) => line.side !== 'internal').flatMap(signsIn);
  if (signs.length === 0 || settings.isAboutProspect) return null;
  const best = new Map<string, number>();
  for (const { id, score } of signs) best.set(id, Math.max(best.get(id) ?? 0, score));
  const score = combined([...best.values()]);
  if (score < 0.1) return null;
  const shown = [...signs].sort((a, b) => b.score - a.score).slice(0, MAX_EVIDENCE);
  return {
    kind: 'upsell',
    rules: [...new Set(shown.map(({ id }) => id))],
    source: 'rules',
    score: rounded(score),
    evidence: [...new Set(shown.map(({ line }) => line))].map(lineEvidence),
  };
}

function signsIn(marked: MarkedLine) {
  const { words, line, upsell } = marked;
  if (upsell.length === 0 || marked.context.includes('upsell.void')) return [];
  return upsell.flatMap(({ cue, start }) => {
    if (isDenied(words, start)) return [];
    const factor = marked.context.includes('upsell.deferred') ? DEFERRED : 1;
    return [{ line, id: cue.id, score: cue.weight * factor }];
  });
}

function isDenied(words: readonly string[], start: number): boolean {
  const before = words.slice(Math.max(0, start - 4), start);
  return before.some((word) => /^(not|never|without|no|nobody)$/.test(word)) && !before.includes('if');
}
