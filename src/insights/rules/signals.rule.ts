import type { SignalText } from '../../contracts/conversation.js';
import type { Evidence } from '../../contracts/insight.js';
import { sentencesOf } from '../text/tokens.js';
import type { ConversationView } from './conversation-view.js';
import { type Finding, rounded } from './finding.js';
import type { RuleSet } from './rule-set.js';

/** The vendor writes a summary of its own, which may be wrong: less than the words themselves. */
const HEARSAY = 0.6;
const NEXT_STEP_SCORE = 0.5;
const LEAST_SIGN = 0.3;

/** What the vendor's own analysis says: its next steps are tasks, its key points are searched for signs. */
export function signalFindings({ conversation }: ConversationView, rules: RuleSet): Finding[] {
  const { highlights, keyPoints, brief, outcome } = conversation.signals;
  const steps = highlights.filter(({ title }) => /next steps?|action items?|to.?dos?/i.test(title));
  const texts = [...keyPoints, ...(brief === null ? [] : [brief])];
  const findings: Finding[] = steps.flatMap(({ items }) =>
    items
      .filter(({ text }) => text.trim() !== '')
      .map((item) => ({
        kind: 'action_item' as const,
        rules: ['gong.next-step'],
        source: 'gong' as const,
        score: NEXT_STEP_SCORE,
        evidence: [quoted(item.text, item.field)],
      })),
  );
  findings.push(...texts.flatMap((text) => churnIn(text, rules)));
  const isLost =
    outcome !== null && /cancel|churn|not renew|lost/i.test(`${outcome.name} ${outcome.category ?? ''}`);
  if (isLost) {
    const evidence = [quoted(outcome.name, outcome.field)];
    findings.push({ kind: 'churn_risk', rules: ['gong.outcome'], source: 'gong', score: 0.5, evidence });
  }
  return findings;
}

function churnIn({ text, field }: SignalText, rules: RuleSet): Finding[] {
  return sentencesOf(text).flatMap(({ words, start, end }) => {
    const found = rules.sentence.find(words).map(({ cue }) => cue);
    const signs = found.filter(({ kind }) => kind === 'churn');
    const isVoid = rules.context.find(words).some(({ cue }) => cue.id === 'churn.void');
    const best = Math.max(0, ...signs.map(({ weight }) => weight));
    if (best < LEAST_SIGN || isVoid) return [];
    return [
      {
        kind: 'churn_risk' as const,
        rules: signs.map(({ id }) => id),
        source: 'gong' as const,
        score: rounded(best * HEARSAY),
        evidence: [quoted(text.slice(start, end), field)],
      },
    ];
  });
}

function quoted(quote: string, field: string): Evidence {
  return { quote, speaker: null, side: 'unknown', startMs: null, endMs: null, field };
}
