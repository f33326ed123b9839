import type {
  EnrichedRecord,
  Party,
  Subject,
  TrackerHit,
  Utterance,
  VendorConversation,
} from '../contracts/conversation.js';
import type { Side } from '../contracts/insight.js';
import type { Json, JsonObject } from '../contracts/json.js';
import { type GongEnvelope, PayloadReader } from './gong-call.payload.js';
import { signalsOf } from './gong-call.signals.js';
import type { CallSources } from './gong-call.sources.js';
import { instant, utcOffsetMinutes } from './gong-time.js';
import { utterancesOf } from './gong-transcript.js';

export type UnderstoodCall = GongEnvelope & { readonly callData: JsonObject; readonly callId: string };

/** A call with all that is known of it, and what is to be done with it. */
export interface CallMaterial {
  readonly callId: string;
  readonly kind: 'call' | 'meeting';
  readonly sources: CallSources;
  /** Whether the API has told of the call, so that a missing transcript is a lack. */
  readonly isFetched: boolean;
  readonly transcript: readonly Json[] | null;
  /** Private calls show nothing. */
  readonly isWithheld: boolean;
  readonly enrichment: EnrichedRecord['enrichment'];
}

/** What the rows of a call are made of; a `type`, because it has to be JSON. */
export type CallDetails = {
  /** Webhook and API in one, in the shape of `callData`. */
  readonly callData: JsonObject;
  readonly transcript: readonly Json[] | null;
  readonly dealId: string | null;
  /** Grows with what was fetched: of two rows of one delivery, the one that knows more is the newer. */
  readonly revision: number;
};

/** What `callRecord` has left for the rows. */
export function callDetailsOf({ details, conversation }: EnrichedRecord): CallDetails {
  if (details === undefined) throw new Error(`the record of ${conversation.kind} has no details of a call`);
  return details as CallDetails;
}

/** Fields of metaData that a complete call has; the share of what is usable is the data quality. */
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

const ACCOUNT_TYPES = ['Account', 'Company'];
const DEAL_TYPES = ['Opportunity', 'Deal'];

/** The call or meeting as the rest of the house reads it. */
export function callRecord(material: CallMaterial): EnrichedRecord {
  const { sources, isWithheld, transcript } = material;
  const reader = new PayloadReader();
  const conversation = conversationOf(reader, material);
  const url = metaText(reader, sources, 'url');
  const account = crmObjectOf(reader, sources, ACCOUNT_TYPES);
  const details: CallDetails = {
    callData: sources.merged(),
    transcript,
    dealId: crmObjectOf(reader, sources, DEAL_TYPES)?.id ?? null,
    revision: (material.isFetched ? 1 : 0) + (transcript === null ? 0 : 1),
  };
  const unusableFields = [...new Set(reader.unusable)];
  return {
    conversation,
    subject: subjectOf(conversation, isWithheld ? null : url, isWithheld ? null : account, isWithheld),
    occurredAt: conversation.startedAt,
    isWithheld,
    enrichment: material.enrichment,
    details,
    unusableFields,
    dataQuality: dataQuality(material, unusableFields.length),
  };
}

function dataQuality({ sources, isFetched, transcript }: CallMaterial, unusable: number): number {
  const present = EXPECTED_FIELDS.filter(
    (field) => (sources.group('metaData', field).object[field] ?? null) !== null,
  );
  const expected = EXPECTED_FIELDS.length + (isFetched ? 1 : 0);
  const found = present.length + (isFetched && transcript !== null ? 1 : 0);
  return Math.max(0, found - unusable) / expected;
}

function subjectOf(
  conversation: VendorConversation,
  url: string | null,
  account: Subject['account'],
  isWithheld: boolean,
): Subject {
  const title = isWithheld ? null : conversation.title;
  return { type: conversation.kind, id: conversation.objectId, title, url, account };
}

function conversationOf(reader: PayloadReader, material: CallMaterial): VendorConversation {
  const { sources, transcript } = material;
  const started = metaText(reader, sources, 'started');
  const duration = sources.group('metaData', 'duration');
  const parties = partiesOf(reader, sources);
  const utterances: Utterance[] = transcript === null ? [] : utterancesOf(reader, transcript, parties);
  return {
    kind: material.kind,
    objectId: material.callId,
    title: metaText(reader, sources, 'title'),
    titleField: `${sources.group('metaData', 'title').path}title`,
    durationSeconds: reader.number(duration.object, 'duration', duration.path),
    startedAt: instant(started),
    utcOffsetMinutes: utcOffsetMinutes(started),
    side: sideOf(metaText(reader, sources, 'scope')),
    parties,
    trackers: trackersOf(reader, sources),
    utterances,
    signals: signalsOf(reader, sources),
  };
}

function metaText(reader: PayloadReader, sources: CallSources, key: string): string | null {
  const { object, path } = sources.group('metaData', key);
  return reader.text(object, key, path);
}

function partiesOf(reader: PayloadReader, sources: CallSources): Party[] {
  const { object, path } = sources.list('parties');
  return reader.objects(object, 'parties', path).map(({ item, path: at }) => ({
    id: reader.text(item, 'id', at),
    name: reader.text(item, 'name', at),
    emailAddress: reader.text(item, 'emailAddress', at),
    title: reader.text(item, 'title', at),
    side: sideOf(reader.text(item, 'affiliation', at)),
    speakerId: reader.text(item, 'speakerId', at),
  }));
}

/** Trackers that fired; Gong lists those with count 0 too. */
function trackersOf(reader: PayloadReader, sources: CallSources): TrackerHit[] {
  const { object, path } = sources.group('content', 'trackers');
  return reader
    .objects(object, 'trackers', path)
    .flatMap(({ item, path: at }) => trackerOf(reader, item, at));
}

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

/** The first object of these types that the CRM context names. */
function crmObjectOf(
  reader: PayloadReader,
  sources: CallSources,
  types: readonly string[],
): { id: string; name: string | null } | null {
  const { object, path } = sources.list('context');
  for (const context of reader.objects(object, 'context', path)) {
    for (const { item, path: at } of reader.objects(context.item, 'objects', context.path)) {
      const id = reader.text(item, 'objectId', at);
      if (typeof item.objectType !== 'string' || !types.includes(item.objectType) || id === null) continue;
      const name = reader.objects(item, 'fields', at).find((field) => field.item.name === 'Name')?.item.value;
      return { id, name: typeof name === 'string' ? name : null };
    }
  }
  return null;
}

function sideOf(affiliation: string | null): Side {
  if (affiliation === 'Internal') return 'internal';
  return affiliation === 'External' ? 'external' : 'unknown';
}
