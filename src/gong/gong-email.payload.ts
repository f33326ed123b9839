import {
  type EnrichedRecord,
  NO_SIGNALS,
  type Party,
  type Utterance,
  type VendorConversation,
} from '../contracts/conversation.js';
import type { Side } from '../contracts/insight.js';
import type { JsonObject } from '../contracts/json.js';
import { PayloadReader } from './gong-call.payload.js';
import { instant, utcOffsetMinutes } from './gong-time.js';

/**
 * An e-mail from a relay: Gong itself sends webhooks for calls only, and its API returns no e-mail bodies.
 * `{emailId, threadId?, subject, from, to[], cc[], sentAt, direction?, body, account?}`
 */
export interface RelayedEmail {
  readonly emailId: string;
  readonly threadId: string | null;
  readonly subject: string | null;
  readonly from: string | null;
  readonly to: readonly string[];
  readonly cc: readonly string[];
  /** ISO 8601, UTC. */
  readonly sentAt: string | null;
  readonly utcOffsetMinutes: number | null;
  readonly direction: string | null;
  readonly text: string | null;
  readonly account: { readonly id: string; readonly name: string | null } | null;
  readonly unusableFields: readonly string[];
}

const EXPECTED_FIELDS = ['subject', 'from', 'to', 'sentAt', 'body'] as const;

/** The id of a relayed e-mail, or null where the body names none. */
export function emailIdOf(body: JsonObject): string | null {
  const { emailId } = body;
  return typeof emailId === 'string' && emailId !== '' && emailId.length <= 256 ? emailId : null;
}

/** Reads a relayed e-mail tolerantly: a field of a wrong type is reported and left out. */
export function relayedEmail(body: JsonObject, emailId: string): RelayedEmail {
  const reader = new PayloadReader();
  const text = (key: string) => reader.text(body, key, '');
  const account = reader.object(body, 'account', '');
  const accountId = reader.text(account, 'id', 'account.');
  return {
    emailId,
    threadId: text('threadId'),
    subject: text('subject'),
    from: text('from'),
    to: reader.texts(body, 'to', ''),
    cc: reader.texts(body, 'cc', ''),
    sentAt: instant(text('sentAt')),
    utcOffsetMinutes: utcOffsetMinutes(text('sentAt')),
    direction: text('direction'),
    text: text('body'),
    account: accountId === null ? null : { id: accountId, name: reader.text(account, 'name', 'account.') },
    unusableFields: reader.unusable,
  };
}

/** The e-mail as the rest of the house reads it. */
export function emailRecord(email: RelayedEmail, body: JsonObject): EnrichedRecord {
  const present = EXPECTED_FIELDS.filter((field) => body[field] !== undefined && body[field] !== null);
  return {
    conversation: conversationOf(email),
    subject: { type: 'email', id: email.emailId, title: email.subject, url: null, account: email.account },
    occurredAt: email.sentAt,
    isWithheld: false,
    enrichment: { status: 'full' },
    unusableFields: email.unusableFields,
    dataQuality: Math.max(0, present.length - email.unusableFields.length) / EXPECTED_FIELDS.length,
  };
}

function conversationOf(email: RelayedEmail): VendorConversation {
  const isFromUs = email.direction?.toLowerCase() === 'outbound';
  const sender: Side = email.direction === null ? 'unknown' : isFromUs ? 'internal' : 'external';
  const others: Side = email.direction === null ? 'unknown' : isFromUs ? 'external' : 'internal';
  return {
    kind: 'email',
    objectId: email.emailId,
    title: email.subject,
    titleField: 'subject',
    durationSeconds: null,
    startedAt: email.sentAt,
    utcOffsetMinutes: email.utcOffsetMinutes,
    utterances: utterancesOf(email),
    signals: NO_SIGNALS,
    side: 'unknown',
    parties: [
      ...(email.from === null ? [] : [party(email.from, sender)]),
      ...[...email.to, ...email.cc].map((address) => party(address, others)),
    ],
    trackers: [],
  };
}

/** The text of a mail; the sender is the first party. */
function utterancesOf({ text, from }: RelayedEmail): Utterance[] {
  if (text === null || text.trim() === '') return [];
  const partyIndex = from === null ? null : 0;
  return [{ text, partyIndex, turn: 0, startMs: null, endMs: null, field: 'body' }];
}

function party(emailAddress: string, side: Side): Party {
  return { id: null, name: null, emailAddress, title: null, side, speakerId: null };
}
