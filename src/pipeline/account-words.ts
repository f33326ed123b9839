import { createHash } from 'node:crypto';
import type { EnrichedRecord } from '../contracts/conversation.js';
import type { Analysis, Insight } from '../contracts/insight.js';
import type { AccountDocument } from '../contracts/ports/memory.port.js';
import type { AccountSignal } from './account-signals.js';

/** What the CRM knows is in lines that are no headings of ours, so that either of these begins our part. */
const OUR_PART = /\n## (?:Conversations|Changes in the CRM)\n/;

/** What a conversation says about its account, in the words of those who said it. */
export function accountSignal({ conversation }: EnrichedRecord, analysis: Analysis): AccountSignal {
  const { kind, objectId, title, startedAt } = conversation;
  const lines = analysis.insights.map(insightLine);
  return { kind, objectId, title, occurredAt: startedAt, priority: analysis.priority, lines };
}

/**
 * What a change in the CRM means for the account.
 * @param since names the change; @param at when it became known, ISO 8601
 */
export function changeSignal(since: string, at: string, { priority, insights }: Analysis): AccountSignal {
  const lines = insights.map(insightLine);
  return { kind: 'record', objectId: since, title: null, occurredAt: at, priority, lines };
}

/**
 * The CRM's document of an account with what was said in conversations about it, and what its changes mean. The
 * same knowledge gives the same text.
 */
export function withSignals(document: AccountDocument, signals: readonly AccountSignal[]): AccountDocument {
  if (signals.length === 0) return document;
  const isChange = ({ kind }: AccountSignal) => kind === 'record';
  const sections = [
    ['Conversations', signals.filter((signal) => !isChange(signal))],
    ['Changes in the CRM', signals.filter(isChange)],
  ] as const;
  const told = sections
    .filter(([, those]) => those.length > 0)
    .map(([title, those]) => `\n## ${title}\n${those.flatMap(signalLines).join('\n')}\n`);
  return withText(document, `${document.text}${told.join('')}`);
}

/**
 * A document without the lines that name a person, and with no conversations and changes but these. Every fact is a
 * line of its own, so that what is said of others stays.
 */
export function withoutPerson(
  document: AccountDocument,
  isNamedIn: (text: string) => boolean,
  signals: readonly AccountSignal[],
): AccountDocument {
  const [known = ''] = document.text.split(OUR_PART);
  const lines = known.split('\n').filter((line) => !isNamedIn(line));
  return withSignals(withText(document, lines.join('\n')), signals);
}

function withText(document: AccountDocument, text: string): AccountDocument {
  return { ...document, text, contentHash: createHash('sha256').update(text).digest('hex') };
}

function signalLines(signal: AccountSignal): string[] {
  const { occurredAt, priority, lines } = signal;
  const day = occurredAt === null ? '' : `${occurredAt.slice(0, 10)} `;
  return [`- ${day}${headOf(signal)}, ${priority} priority`, ...lines.map((line) => `  - ${line}`)];
}

function headOf({ kind, title }: AccountSignal): string {
  return kind === 'record' ? 'change' : `${kind} "${inline(title ?? 'without a title')}"`;
}

function insightLine({ kind, subject, label, stance, owner, due, evidence }: Insight): string {
  const what = [kind.replace('_', ' '), subject, label, stance]
    .filter((part) => part !== undefined)
    .join(' ');
  const whose = owner === undefined ? '' : `, ${owner}`;
  const when = due === undefined ? '' : `, due ${due}`;
  const [first] = evidence;
  if (first === undefined) return `${what}${whose}${when}`;
  const who = first.speaker === null ? '' : `${inline(first.speaker)}: `;
  return `${what}${whose}${when}: ${who}"${inline(first.quote)}"`;
}

/** On one line, so that nothing that was said can look like our structure. */
function inline(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
