import { type ConversationView, lineEvidence } from './conversation-view.js';
import { combined, type Finding, rounded } from './finding.js';
import type { MarkedLine } from './marked-line.js';
import type { RuleSet } from './rule-set.js';
import type { Settings } from './setting.rule.js';

/** A sentence without a conversation around it is left to the rules. */
const FEWEST_LINES = 6;
/** The loudest sentences are heard together. */
const HEARD_TOGETHER = 2;
const LOOKED_AT = 6;
/** "Every time." says nothing by itself. */
const FEWEST_WORDS = 5;
/**
 * Less is nothing. Chosen on the calls of three authors, each heard by a model that had not been trained on that author: there
 * it is where rules and model together are right most often (README). It is worth a look then, and never explicit.
 */
const SURE = 0.8;
const WORTH_A_LOOK = 0.3;
const MOST = 0.5;

/** What the rules and the model found of churn, as one finding. */
export function withHeardChurn(
  byRules: Finding | null,
  lines: readonly MarkedLine[],
  view: ConversationView,
  rules: RuleSet,
  settings: Settings,
): Finding | null {
  const heard = heardChurn(lines, view, rules, settings);
  if (heard === null || byRules === null) return heard ?? byRules;
  if (byRules.score >= heard.score) return byRules;
  const quoted = new Set(byRules.evidence.map(({ quote }) => quote));
  return {
    ...byRules,
    rules: [...byRules.rules, ...heard.rules],
    score: heard.score,
    evidence: [...byRules.evidence, ...heard.evidence.filter(({ quote }) => !quoted.has(quote))],
  };
}

/** What no rule has words for, but many customers who leave have said in a similar way. */
function heardChurn(
  lines: readonly MarkedLine[],
  { conversation }: ConversationView,
  rules: RuleSet,
  settings: Settings,
): Finding | null {
  const { churnModel } = rules;
  if (churnModel === null || conversation.kind === 'note' || conversation.kind === 'email') return null;
  const theirs = lines.filter(({ line }) => line.side !== 'internal');
  if (theirs.length < FEWEST_LINES || settings.isAboutProspect) return null;
  const loudest = theirs
    .filter(({ words }) => words.length >= FEWEST_WORDS)
    .map((marked) => ({ marked, probability: churnModel.probability(marked.words) }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, LOOKED_AT)
    .filter(({ marked }) => !isVoid(marked, rules))
    .slice(0, HEARD_TOGETHER);
  const together = combined(loudest.map(({ probability }) => probability));
  if (together < SURE) return null;
  const score = WORTH_A_LOOK + ((together - SURE) / (1 - SURE)) * (MOST - WORTH_A_LOOK);
  return {
    kind: 'churn_risk',
    rules: ['churn.model'],
    source: 'rules',
    score: rounded(score),
    evidence: loudest.map(({ marked }) => lineEvidence(marked.line)),
  };
}

/** Their customers leave, or an order is cancelled. */
function isVoid({ words, numbers }: MarkedLine, { context }: RuleSet): boolean {
  return context.find(words, numbers).some(({ cue }) => cue.id === 'churn.void');
}
