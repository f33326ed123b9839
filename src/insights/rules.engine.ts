import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { AccountChange } from '../contracts/account-facts.js';
import type { Conversation } from '../contracts/conversation.js';
import type { Analysis, Insight } from '../contracts/insight.js';
import type { AccountAnalysis, InsightEngine } from '../contracts/ports/insight-engine.port.js';
import { InsightRules } from './insight-rules.js';
import { changeFindings, knownFacts, newNotes } from './rules/account-change.rule.js';
import { findAll } from './rules/analyse.js';
import type { Finding } from './rules/finding.js';
import { nextSteps } from './rules/next-steps.rule.js';
import { conversationOfNote, isWorthTelling } from './rules/note.js';
import { prioritise, type Prioritised, prioritiseChange } from './rules/priority.rule.js';
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
    const rules = this.insightRules.current;
    return analysisOf(conversation, await findingsOf(conversation, rules), rules);
  }

  async compare(change: AccountChange): Promise<AccountAnalysis> {
    const rules = this.insightRules.current;
    const account = { kind: 'account', objectId: `${change.accountId}@${change.since}` };
    const insights = insightsOf(account, changeFindings(change, rules), rules.hash);
    for (const note of newNotes(change, rules)) {
      const conversation = conversationOfNote(note);
      const found = (await findingsOf(conversation, rules)).filter(isWorthTelling);
      insights.push(...insightsOf(conversation, found, rules.hash));
    }
    const today = localDay(change.at, null);
    return {
      ...summedUp(insights, prioritiseChange(insights, rules), rules, today),
      known: knownFacts(change, rules),
    };
  }
}

/** Lets others run after each slice. */
async function findingsOf(conversation: Conversation, rules: RuleSet): Promise<Finding[]> {
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
    if (step.done === true) return analysisOf(conversation, step.value, rules);
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
    createHash('sha256')
      .update(JSON.stringify([kind, objectId, what, place, salt]))
      .digest('hex')
      .slice(0, 40);
  let id = digest(0);
  for (let salt = 1; ids.has(id); salt += 1) id = digest(salt);
  ids.add(id);
  return { id, ...finding, ruleset };
}
