import { type CalendarDay, isoDate } from '../text/calendar.js';
import { dueDate } from '../text/due-date.js';
import { askFeatures, type LinearModel } from '../text/linear-model.js';
import { lineEvidence } from './conversation-view.js';
import { type Finding, rounded } from './finding.js';
import type { MarkedLine } from './marked-line.js';
import type { RuleSet } from './rule-set.js';

/** Longer sentences of a mail are boilerplate, or several in one. */
const MAX_WORDS = 80;

/**
 * What a mail asks for or promises: in writing people ask in more ways than rules can list, so a small linear
 * model judges each sentence. What the rules know of a task, such as its owner, is kept.
 */
export function askFindings(
  lines: readonly MarkedLine[],
  byRules: readonly Finding[],
  today: CalendarDay | null,
  askModel: LinearModel,
  { thresholds }: RuleSet,
): Finding[] {
  return lines.flatMap((marked) => {
    const evidence = lineEvidence(marked.line);
    const probability = askModel.probability(askFeatures(evidence.quote));
    if (probability < thresholds.ask || marked.words.length > MAX_WORDS) return [];
    const known = byRules.find((finding) => finding.evidence[0]?.quote === evidence.quote);
    const day = today === null ? null : (dueDate(marked.words, today)?.day ?? null);
    const finding: Finding = {
      ...(day === null ? {} : { due: isoDate(day) }),
      ...known,
      kind: 'action_item',
      rules: ['ask.model', ...(known?.rules ?? [])],
      source: 'rules',
      score: rounded(probability),
      evidence: [evidence],
    };
    return [finding];
  });
}
