import type { EnrichedRecord } from '../contracts/conversation.js';
import { bodySha256Of, type VendorEvent } from '../contracts/event.js';
import type { Analysis } from '../contracts/insight.js';
import type { JsonObject } from '../contracts/json.js';
import type { CellValue, TableRow } from '../contracts/tables.js';
import { isJsonObject, PayloadReader } from './gong-call.payload.js';
import type { CallDetails } from './gong-call.record.js';
import type { RelayedEmail } from './gong-email.payload.js';

/** The raw row: the exact body; the warehouse derives PAYLOAD from it where it is JSON. */
export function gongRawRow(event: VendorEvent): TableRow {
  return {
    table: 'GONG_WEBHOOKS_RAW',
    values: {
      EVENT_ID: event.eventId,
      TENANT: 'main',
      SOURCE: event.vendor,
      EVENT_TYPE: event.kind,
      OBJECT_ID: event.objectId,
      BODY: event.body,
      BODY_ENCODING: event.bodyEncoding ?? 'utf8',
      PAYLOAD_SHA256: bodySha256Of(event),
      HEADERS: json(event.headers),
      SIGNING_KEY_ID: event.signingKeyId,
      REQUEST_ID: event.correlationId,
      RECEIVED_AT: event.receivedAt,
    },
  };
}

/** The enhanced row of a relayed e-mail. */
export function gongEmailRow(
  event: VendorEvent,
  record: EnrichedRecord,
  analysis: Analysis | null,
  email: RelayedEmail,
): TableRow {
  return {
    table: 'GONG_EMAILS_ENHANCED',
    values: {
      EMAIL_ID: email.emailId,
      TENANT: 'main',
      THREAD_ID: email.threadId,
      SUBJECT: email.subject,
      DIRECTION: email.direction,
      FROM_ADDRESS: email.from,
      TO_ADDRESSES: json(email.to),
      CC_ADDRESSES: json(email.cc),
      SENT_AT: email.sentAt,
      ACCOUNT_ID: record.subject.account?.id ?? null,
      BODY_TEXT: email.text,
      ...resultColumns(analysis),
      ...versionColumns(event, record, analysis),
    },
  };
}

/**
 * The enhanced rows of a call or meeting: a call has a meeting's row beside its own where it is a recorded web
 * meeting, a meeting its own only.
 */
export function gongCallRows(
  event: VendorEvent,
  record: EnrichedRecord,
  analysis: Analysis | null,
  details: CallDetails,
): TableRow[] {
  const meeting = () => gongMeetingRow(event, record, analysis, details);
  if (record.conversation.kind === 'meeting') return [meeting()];
  const call = gongCallRow(event, record, analysis, details);
  return isRecordedMeeting(details.callData) ? [call, meeting()] : [call];
}

/** Gong knows recorded web meetings as calls; what is in a calendar too was a meeting. */
function isRecordedMeeting(callData: JsonObject): boolean {
  const metaData = isJsonObject(callData.metaData) ? callData.metaData : {};
  return metaData.direction === 'Conference' && typeof metaData.calendarEventId === 'string';
}

/** The enhanced row of a meeting: the people and times of a call, without its analytics. */
function gongMeetingRow(
  event: VendorEvent,
  record: EnrichedRecord,
  analysis: Analysis | null,
  { callData, dealId }: CallDetails,
): TableRow {
  const { conversation, subject } = record;
  const { startedAt, durationSeconds } = conversation;
  const endsAt =
    startedAt === null || durationSeconds === null ? null : Date.parse(startedAt) + durationSeconds * 1000;
  const content: Record<string, CellValue> = record.isWithheld
    ? {}
    : {
        TITLE: subject.title,
        URL: subject.url,
        ACCOUNT_ID: subject.account?.id ?? null,
        DEAL_ID: dealId,
        ATTENDEES: json(callData.parties ?? []),
      };
  return {
    table: 'GONG_MEETINGS_ENHANCED',
    values: {
      MEETING_ID: conversation.objectId,
      TENANT: 'main',
      STARTS_AT: startedAt,
      ENDS_AT: endsAt === null ? null : new Date(endsAt).toISOString(),
      DURATION_SECONDS: durationSeconds === null ? null : Math.round(durationSeconds),
      ORGANIZER_ID: descriptiveColumns(callData).PRIMARY_USER_ID ?? null,
      CALL_ID: conversation.objectId,
      ...content,
      ...resultColumns(analysis),
      ...versionColumns(event, record, analysis),
    },
  };
}

/** The enhanced row of a call; a withheld call keeps its id and times, and nothing that was said or who was there. */
function gongCallRow(
  event: VendorEvent,
  record: EnrichedRecord,
  analysis: Analysis | null,
  details: CallDetails,
): TableRow {
  const { conversation } = record;
  const content = record.isWithheld ? {} : contentColumns(record, details);
  return {
    table: 'GONG_CALLS_ENHANCED',
    values: {
      CALL_ID: conversation.objectId,
      TENANT: 'main',
      ...descriptiveColumns(details.callData),
      STARTED_AT: conversation.startedAt,
      DURATION_SECONDS:
        conversation.durationSeconds === null ? null : Math.round(conversation.durationSeconds),
      ...content,
      ...insightColumns(analysis),
      ...versionColumns(event, record, analysis),
    },
  };
}

function versionColumns(
  event: VendorEvent,
  record: EnrichedRecord,
  analysis: Analysis | null,
): Record<string, CellValue> {
  return {
    ENRICHMENT_STATUS: record.enrichment.status,
    SOURCE_EVENT_ID: event.eventId,
    // Gong sends no time of modification: of two deliveries, the one received later is the newer.
    ROW_VERSION: Date.parse(event.receivedAt),
    REVISION: revisionOf(event, record) + (analysis?.review === undefined ? 0 : 1),
  };
}

/** More than any time in milliseconds until the year 2286. */
const COMPLETENESS = 1e13;

/**
 * Of two rows of one delivery, the one made of more is the newer; of two made of the same, the one of the later
 * replay, whose rules are newer. What a language model adds to it counts one more (versionColumns).
 */
function revisionOf({ replay }: VendorEvent, record: EnrichedRecord): number {
  const replayedAtMs = replay === undefined ? 0 : Date.parse(replay.at);
  return completenessOf(record) * COMPLETENESS + replayedAtMs;
}

function completenessOf({ details, enrichment }: EnrichedRecord): number {
  if (typeof details?.revision === 'number') return details.revision;
  return enrichment.status === 'full' ? 1 : 0;
}

function descriptiveColumns(callData: JsonObject): Record<string, CellValue> {
  const reader = new PayloadReader();
  const metaData = reader.object(callData, 'metaData', '');
  const text = (key: string) => reader.text(metaData, key, '');
  const scheduled = Date.parse(text('scheduled') ?? '');
  return {
    WORKSPACE_ID: text('workspaceId'),
    DIRECTION: text('direction'),
    SYSTEM: text('system'),
    MEDIA: text('media'),
    SCOPE: text('scope'),
    LANGUAGE: text('language'),
    SCHEDULED_AT: Number.isNaN(scheduled) ? null : new Date(scheduled).toISOString(),
    PRIMARY_USER_ID: text('primaryUserId'),
  };
}

function contentColumns(record: EnrichedRecord, details: CallDetails): Record<string, CellValue> {
  const { subject } = record;
  const { callData, transcript, dealId, revision } = details;
  const { content = null, interaction = null, collaboration = null, metaData } = callData;
  return {
    TITLE: subject.title,
    URL: subject.url,
    ACCOUNT_ID: subject.account?.id ?? null,
    DEAL_ID: dealId,
    PARTIES: json(callData.parties ?? []),
    // With what the API says as it came: no column and no other row has that.
    ANALYTICS: json({ content, interaction, collaboration, ...(revision > 0 && { metaData }) }),
    TRANSCRIPT: transcript === null ? null : json(transcript),
  };
}

function insightColumns(analysis: Analysis | null): Record<string, CellValue> {
  if (analysis === null) return resultColumns(analysis);
  const ofKind = (kind: string) => analysis.insights.filter((insight) => insight.kind === kind);
  const strongest = (kind: string) => Math.max(0, ...ofKind(kind).map(({ score }) => score));
  return {
    CHURN_RISK_SCORE: strongest('churn_risk'),
    UPSELL_SCORE: strongest('upsell'),
    COMPETITOR_COUNT: ofKind('competitor').length,
    ACTION_ITEM_COUNT: ofKind('action_item').length,
    ...resultColumns(analysis),
  };
}

/** What every enhanced table has of an analysis. */
function resultColumns(analysis: Analysis | null): Record<string, CellValue> {
  if (analysis === null) return { PRIORITY: 'low', INSIGHTS: '[]', NEXT_STEPS: '[]' };
  return {
    PRIORITY: analysis.priority,
    PRIORITY_REASONS: json(analysis.priorityReasons),
    INSIGHTS: json(analysis.insights),
    NEXT_STEPS: json(analysis.nextSteps),
    EXTRACTOR_VERSION: analysis.ruleset,
  };
}

function json(value: unknown): string {
  return JSON.stringify(value);
}
