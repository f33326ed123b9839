import { hash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { AccountChange } from '../contracts/account-facts.js';
import type { Conversation } from '../contracts/conversation.js';
import type { Analysis, Insight } from '../contracts/insight.js';
import type { AccountAnalysis, InsightEngine } from '../contracts/ports/insight-engine.port.js';
import type { ReviewedAnalysis, ReviewRecord } from '../contracts/ports/insight-reviewer.port.js';
import { InsightRules } from './insight-rules.js';
import { changeFindings, knownFacts, newNotes } from './rules/account-change.rule.js';
import { findAll, type Found } from './rules/analyse.js';
import type { ConversationView } from './rules/conversation-view.js';
import type { Finding } from './rules/finding.js';
import { nextSteps } from './rules/next-steps.rule.js';
import { conversationOfNote, isWorthTelling } from './rules/note.js';
import type { ModelFinding } from './rules/model-finding.js';
import { prioritise, type Prioritised, prioritiseChange } from './rules/priority.rule.js';
import { cappedPriority, reviewed } from './rules/review.rule.js';
import type { RuleSet } from './rules/rule-set.js';
import { type CalendarDay, localDay } from './text/calendar.js';

/** A long call is analysed in slices of this length, so that webhooks are answered meanwhile. */
const SLICE_MS = 8;

/** Turns a conversation into insights with the rules of config/insights. */
@Injectable()
export class RulesEngine implements InsightEngine {
  constructor(private readonly insightRules: InsightRules) {}

  /** Uses one set of rules throughout, even when another is loaded meanwhile. */
  async analyse(conversation: Conversation): Promise<Analysis> {
    return (await analyseInSlices(conversation, this.insightRules.current)).analysis;
  }

  async compare(change: AccountChange): Promise<AccountAnalysis> {
    const rules = this.insightRules.current;
    const account = { kind: 'account', objectId: `${change.accountId}@${change.since}` };
    const insights = insightsOf(account, changeFindings(change, rules), rules.hash);
    for (const note of newNotes(change, rules)) {
      const conversation = conversationOfNote(note);
      const found = (await findingsOf(conversation, rules)).findings.filter(isWorthTelling);
      insights.push(...insightsOf(conversation, found, rules.hash));
    }
    const today = localDay(change.at, null);
    return {
      ...summedUp(insights, prioritiseChange(insights, rules), rules, today),
      known: knownFacts(change, rules),
    };
  }
}

/** The analysis with the conversation as it was read for it. */
export async function analyseInSlices(
  conversation: Conversation,
  rules: RuleSet,
): Promise<{ view: ConversationView; analysis: Analysis }> {
  const { view, findings } = await findingsOf(conversation, rules);
  return { view, analysis: analysisOf(conversation, findings, rules) };
}

/** An analysis with what a language model has found besides. */
export function withReview(
  analysis: Analysis,
  view: ConversationView,
  answer: { readonly findings: readonly ModelFinding[]; readonly dropped: number },
  rules: RuleSet,
  used: Pick<ReviewRecord, 'model' | 'tokens' | 'isKnown'>,
): ReviewedAnalysis {
  const { conversation } = view;
  const today = localDay(conversation.startedAt, conversation.utcOffsetMinutes);
  const { insights, additions, raised, dropped } = reviewed(
    answer.findings,
    analysis.insights,
    view,
    rules,
    today,
  );
  const together = [...insights, ...insightsOf(conversation, additions, rules.hash)];
  const byRules = { priority: analysis.priority, reasons: analysis.priorityReasons };
  const priority = cappedPriority(byRules, prioritise(conversation, together, rules));
  const review = { ...used, added: additions.length, raised, dropped: dropped + answer.dropped };
  return { ...summedUp(together, priority, rules, today), review };
}

/** Lets others run after each slice. */
async function findingsOf(conversation: Conversation, rules: RuleSet): Promise<Found> {
  const steps = findAll(conversation, rules);
  let sliceStartMs = performance.now();
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (performance.now() - sliceStartMs > SLICE_MS) {
      await setImmediate();
      sliceStartMs = performance.now();
    }
  }
}

/** The whole analysis in one go, for the command line. */
export function analyseNow(conversation: Conversation, rules: RuleSet): Analysis {
  const steps = findAll(conversation, rules);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return analysisOf(conversation, step.value.findings, rules);
  }
}

function analysisOf(conversation: Conversation, findings: readonly Finding[], rules: RuleSet): Analysis {
  const insights = insightsOf(conversation, findings, rules.hash);
  const today = localDay(conversation.startedAt, conversation.utcOffsetMinutes);
  return summedUp(insights, prioritise(conversation, insights, rules), rules, today);
}

function summedUp(
  insights: readonly Insight[],
  { priority, reasons }: Prioritised,
  rules: RuleSet,
  today: CalendarDay | null,
): Analysis {
  return {
    ruleset: rules.hash,
    insights,
    priority,
    priorityReasons: reasons,
    nextSteps: nextSteps(insights, rules, today),
  };
}

/** What the findings are of. */
interface Source {
  readonly kind: string;
  readonly objectId: string;
}

function insightsOf(source: Source, findings: readonly Finding[], ruleset: string): Insight[] {
  const ids = new Set<string>();
  return findings.map((finding) => insightOf(source, finding, ruleset, ids));
}

function insightOf({ kind, objectId }: Source, finding: Finding, ruleset: string, ids: Set<string>): Insight {
  const place = finding.evidence.map(({ field, startMs, quote }) => [field, startMs, quote]);
  const what = [finding.kind, finding.subject ?? null, finding.side ?? null, finding.source];
  const digest = (salt: number) =>
    hash('sha256', JSON.stringify([kind, objectId, what, place, salt])).slice(0, 40);
  let id = digest(0);
  for (let salt = 1; ids.has(id); salt += 1) id = digest(salt);
  ids.add(id);
  return { id, ...finding, ruleset };
}
