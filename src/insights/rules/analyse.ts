import type { Conversation } from '../../contracts/conversation.js';
import { localDay } from '../text/calendar.js';
import { actionFindings } from './action.rule.js';
import { askFindings } from './ask.rule.js';
import { churnFinding } from './churn.rule.js';
import { withHeardChurn } from './churn-model.rule.js';
import { competitorFindings } from './competitor.rule.js';
import { type ConversationView, readConversation } from './conversation-view.js';
import type { Finding } from './finding.js';
import { type MarkedLine, markLine } from './marked-line.js';
import { mergeFindings } from './merge.rule.js';
import type { RuleSet } from './rule-set.js';
import { sentimentFindings } from './sentiment.rule.js';
import { Settings } from './setting.rule.js';
import { signalFindings } from './signals.rule.js';
import { titleFindings } from './title.rule.js';
import { trackerFindings } from './tracker.rule.js';
import { upsellFinding } from './upsell.rule.js';

/** What was found, and the conversation as it was read. */
export interface Found {
  readonly view: ConversationView;
  readonly findings: readonly Finding[];
}

/**
 * All rules over one conversation, in the order of the file names in rules/. Yields after each utterance and
 * each rule, so that a caller can let others run; what it finds does not depend on that.
 */
export function* findAll(conversation: Conversation, rules: RuleSet): Generator<void, Found> {
  const lines: MarkedLine[] = [];
  const view = yield* readConversation(conversation, (line, written) => {
    lines.push(markLine(line, written, rules));
  });
  const own: Finding[] = [];
  const settings = new Settings(lines, conversation.title, rules);
  for (const rule of RULES) {
    own.push(...rule(lines, view, rules, settings));
    yield;
  }
  const vendor = [...trackerFindings(conversation, rules), ...signalFindings(view, rules)];
  return { view, findings: mergeFindings(own, vendor) };
}

type Rule = (
  lines: readonly MarkedLine[],
  view: ConversationView,
  rules: RuleSet,
  settings: Settings,
) => Finding[];

const RULES: readonly Rule[] = [
  (lines, _view, rules) => competitorFindings(lines, rules),
  (lines, view, rules, settings) => present(churn(lines, view, rules, settings)),
  (_lines, view, rules) => titleFindings(view, rules),
  (lines, _view, _rules, settings) => present(upsellFinding(lines, settings)),
  tasks,
  (lines, _view, rules) => sentimentFindings(lines, rules),
];

function churn(...heard: Parameters<typeof churnFinding>): Finding | null {
  return withHeardChurn(churnFinding(...heard), ...heard);
}

/** Speech goes by rules alone; in mails the model decides. */
function tasks(lines: readonly MarkedLine[], view: ConversationView, rules: RuleSet): Finding[] {
  const today = dayOf(view);
  const byRules = actionFindings(lines, view, today, rules);
  const { askModel } = rules;
  const isMail = view.conversation.kind === 'email' && askModel !== null;
  return isMail ? askFindings(lines, byRules, today, askModel, rules) : byRules;
}

function dayOf({ conversation }: ConversationView) {
  return localDay(conversation.startedAt, conversation.utcOffsetMinutes);
}

function present(finding: Finding | null): Finding[] {
  return finding === null ? [] : [finding];
}
