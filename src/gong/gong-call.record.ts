import {
  type Conversation,
  type EnrichedRecord,
  NO_SIGNALS,
  type Party,
  type Subject,
  type TrackerHit,
} from '../contracts/conversation.js';
import type { Side } from '../contracts/insight.js';
import type { JsonObject } from '../contracts/json.js';
import { type GongEnvelope, PayloadReader } from './gong-call.payload.js';
import { instant, utcOffsetMinutes } from './gong-time.js';

/** Fields a complete webhook has; the share of them that is usable is the data quality. */
const EXPECTED_FIELDS = [
  'title',
  'url',
  'started',
  'duration',
  'direction',
  'scope',
  'media',
  'language',
] as const;

/** The call or meeting as the rest of the house reads it. @param withholdPrivate whether private calls show nothing. */
export function callRecord(
  envelope: GongEnvelope & { callData: JsonObject; callId: string },
  kind: 'call' | 'meeting',
  withholdPrivate: boolean,
): EnrichedRecord {
  const reader = new PayloadReader();
  const metaData = reader.object(envelope.callData, 'metaData', 'callData.');
  const isWithheld = envelope.isPrivate && withholdPrivate;
  const conversation = conversationOf(reader, envelope.callData, metaData, envelope.callId, kind);
  const url = reader.text(metaData, 'url', 'callData.metaData.');
  const account = accountOf(reader, envelope.callData);
  const usable = EXPECTED_FIELDS.filter((field) => metaData[field] !== undefined && metaData[field] !== null);
  return {
    conversation,
    subject: subjectOf(conversation, isWithheld ? null : url, isWithheld ? null : account, isWithheld),
    occurredAt: conversation.startedAt,
    isWithheld,
    enrichment: { status: 'partial', skippedBecause: 'no Gong API credentials are configured' },
    unusableFields: reader.unusable,
    dataQuality: Math.max(0, usable.length - reader.unusable.length) / EXPECTED_FIELDS.length,
  };
}

function subjectOf(
  conversation: Conversation,
  url: string | null,
  account: Subject['account'],
  isWithheld: boolean,
): Subject {
  const title = isWithheld ? null : conversation.title;
  return { type: conversation.kind, id: conversation.objectId, title, url, account };
}

function conversationOf(
  reader: PayloadReader,
  callData: JsonObject,
  metaData: JsonObject,
  callId: string,
  kind: 'call' | 'meeting',
): Conversation {
  const path = 'callData.metaData.';
  const content = reader.object(callData, 'content', 'callData.');
  return {
    kind,
    objectId: callId,
    title: reader.text(metaData, 'title', path),
    titleField: 'callData.metaData.title',
    durationSeconds: reader.number(metaData, 'duration', path),
    startedAt: instant(reader.text(metaData, 'started', path)),
    utcOffsetMinutes: utcOffsetMinutes(reader.text(metaData, 'started', path)),
    utterances: [],
    signals: NO_SIGNALS,
    side: sideOf(reader.text(metaData, 'scope', path)),
    parties: reader
      .objects(callData, 'parties', 'callData.')
      .map(({ item, path: at }) => partyOf(reader, item, at)),
    trackers: reader
      .objects(content, 'trackers', 'callData.content.')
      .flatMap(({ item, path: at }) => trackerOf(reader, item, at)),
  };
}

function partyOf(reader: PayloadReader, party: JsonObject, path: string): Party {
  return {
    id: reader.text(party, 'id', path),
    name: reader.text(party, 'name', path),
    emailAddress: reader.text(party, 'emailAddress', path),
    title: reader.text(party, 'title', path),
    side: sideOf(reader.text(party, 'affiliation', path)),
    speakerId: reader.text(party, 'speakerId', path),
  };
}

/** A tracker that fired; Gong lists those with count 0 too. */
function trackerOf(reader: PayloadReader, tracker: JsonObject, path: string): TrackerHit[] {
  const name = reader.text(tracker, 'name', path);
  const count = reader.number(tracker, 'count', path) ?? 0;
  if (name === null || count <= 0) return [];
  const phrases = reader.objects(tracker, 'phrases', path).flatMap(({ item, path: at }) => {
    const text = reader.text(item, 'phrase', at);
    return text === null
      ? []
      : [{ text, count: reader.number(item, 'count', at) ?? 1, field: `${at}phrase` }];
  });
  return [{ name, type: reader.text(tracker, 'type', path), count, field: `${path}name`, phrases }];
}

/** The account of the first CRM context that names one. */
function accountOf(reader: PayloadReader, callData: JsonObject): Subject['account'] {
  for (const context of reader.objects(callData, 'context', 'callData.')) {
    for (const { item, path } of reader.objects(context.item, 'objects', context.path)) {
      const id = reader.text(item, 'objectId', path);
      if (item.objectType !== 'Account' || id === null) continue;
      const name = reader.objects(item, 'fields', path).find((field) => field.item.name === 'Name')
        ?.item.value;
      return { id, name: typeof name === 'string' ? name : null };
    }
  }
  return null;
}

function sideOf(affiliation: string | null): Side {
  if (affiliation === 'Internal') return 'internal';
  return affiliation === 'External' ? 'external' : 'unknown';
}
