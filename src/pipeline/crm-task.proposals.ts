import { createHash } from 'node:crypto';
import type { Conversation, EnrichedRecord, Party } from '../contracts/conversation.js';
import type { CrmTask, TaskGrounds, TaskQuote } from '../contracts/crm-task.js';
import type { Analysis, Evidence, Insight, NextStep } from '../contracts/insight.js';
import type { MatchedAccount } from '../contracts/ports/account-matcher.port.js';
import type { Vendor } from '../contracts/vendor.js';
import { vendorPage } from '../contracts/vendor-page.js';

/** Less sure than this is talk, and no task (the rules count an action item from here on too). */
const LEAST_SCORE = 0.5;
/** More say the same again. */
const MOST_QUOTES = 3;

export interface TaskProposal {
  readonly task: CrmTask;
  readonly grounds: TaskGrounds;
}

/** Why something is no task of ours. */
export type LeftOut = 'notOurs' | 'unsure' | 'noQuote';

export interface TaskProposals {
  readonly proposals: readonly TaskProposal[];
  readonly leftOut: Readonly<Partial<Record<LeftOut, number>>>;
}

/** A conversation with all that its tasks are made of. */
export interface TaskSource {
  readonly vendor: Vendor;
  readonly record: EnrichedRecord;
  readonly analysis: Analysis;
  /** The account that it is about for sure. */
  readonly account: MatchedAccount;
}

/**
 * What of a conversation becomes tasks in the CRM: the action items that somebody of ours has to do, and the next
 * steps that answer another insight. What the customer has to do is no task of ours. Each has words that were said
 * or written in the conversation itself; what only the vendor's own analysis, a tracker or a title says is no evidence.
 */
export function taskProposals(source: TaskSource): TaskProposals {
  const { analysis } = source;
  const actions = analysis.insights.filter(({ kind }) => kind === 'action_item');
  const actionIds = new Set(actions.map(({ id }) => id));
  // An action item's own step says the same again, or reminds of what is not ours.
  const steps = analysis.nextSteps.filter(({ insightIds }) => !insightIds.some((id) => actionIds.has(id)));
  const results = [
    ...actions.map((action) => ofAction(action, source)),
    ...steps.map((step) => ofStep(step, source)),
  ];
  const leftOut: Partial<Record<LeftOut, number>> = {};
  for (const result of results) if (typeof result === 'string') leftOut[result] = (leftOut[result] ?? 0) + 1;
  return { proposals: results.filter((result) => typeof result !== 'string'), leftOut };
}

function ofAction(action: Insight, source: TaskSource): TaskProposal | LeftOut {
  const { record, analysis } = source;
  const owner = ownerOfOurs(action.owner, record.conversation.parties);
  if (owner === null) return 'notOurs';
  if (action.score < LEAST_SCORE) return 'unsure';
  const quotes = exactQuotes(action.evidence, record.conversation);
  const [first] = quotes;
  if (first === undefined) return 'noQuote';
  const what = {
    id: action.id,
    subject: `${action.owner ?? ''}: ${first.quote}`,
    dueDate: action.due ?? null,
    ownerEmail: owner.emailAddress,
    quotes,
  };
  const nextSteps = analysis.nextSteps.filter(({ insightIds }) => insightIds.includes(action.id));
  return proposal(source, what, { insights: [], actions: [action], nextSteps });
}

/** The step's id is made of its words: another text is another step, and a later due date is not. */
function ofStep(step: NextStep, source: TaskSource): TaskProposal | LeftOut {
  const { conversation } = source.record;
  const insights = source.analysis.insights.filter(({ id }) => step.insightIds.includes(id));
  const quotes = exactQuotes(
    insights.flatMap(({ evidence }) => evidence),
    conversation,
  );
  if (quotes.length === 0) return 'noQuote';
  const identity = JSON.stringify(['next-step', conversation.kind, conversation.objectId, step.text]);
  const what = {
    id: createHash('sha256').update(identity).digest('hex').slice(0, 40),
    subject: step.text,
    dueDate: step.due ?? null,
    ownerEmail: null,
    quotes,
  };
  return proposal(source, what, { insights, actions: [], nextSteps: [step] });
}

function proposal(
  { vendor, record, analysis, account }: TaskSource,
  what: Omit<CrmTask, 'account' | 'conversation'>,
  grounds: Omit<TaskGrounds, 'priority'>,
): TaskProposal {
  const { conversation, subject, occurredAt } = record;
  const { kind, title } = conversation;
  const url = vendorPage(vendor, subject.url);
  return {
    task: { ...what, account, conversation: { kind, title, occurredAt, url } },
    grounds: { priority: analysis.priority, ...grounds },
  };
}

/** The one of ours whom the owner's name means; null where nobody, or somebody else too, is called so. */
function ownerOfOurs(owner: string | undefined, parties: readonly Party[]): Party | null {
  const named = parties.filter(({ name, emailAddress }) => owner === name || owner === emailAddress);
  const [party] = named;
  const areOurs = named.every(({ side }) => side === 'internal');
  return owner !== undefined && party !== undefined && areOurs && named.length === 1 ? party : null;
}

/** Quotes that stand, to the letter, in what was said or written. */
function exactQuotes(evidence: readonly Evidence[], { utterances }: Conversation): TaskQuote[] {
  return evidence
    .filter(({ quote, field }) => {
      const isSaid = utterances.some((said) => said.field === field && said.text.includes(quote));
      return quote.trim() !== '' && isSaid;
    })
    .slice(0, MOST_QUOTES)
    .map(({ quote, speaker, side, startMs }) => ({ quote, speaker, side, startMs }));
}
