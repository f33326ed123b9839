import type { RowValues } from '../../../src/contracts/tables.js';

const AS_RECEIVED: RowValues = {
  TENANT: 'main',
  BODY: '{ "amount":0.0 }',
  BODY_ENCODING: 'utf8',
  PAYLOAD_SHA256: 'ab'.repeat(32),
  HEADERS: '{"user-agent":"x"}',
  SIGNING_KEY_ID: 'key',
  REQUEST_ID: 'correlation',
  RECEIVED_AT: '2026-03-04T15:02:41.318Z',
};

const ENHANCED: RowValues = {
  TENANT: 'main',
  PRIORITY: 'medium',
  INSIGHTS: '[]',
  ENRICHMENT_STATUS: 'partial',
  SOURCE_EVENT_ID: 'event',
  ROW_VERSION: 1,
  REVISION: 0,
};

export function rawRow(eventId: string, more: RowValues = {}): RowValues {
  const identity = {
    EVENT_ID: eventId,
    SOURCE: 'gong',
    EVENT_TYPE: 'call',
    OBJECT_ID: '8123456789012345671',
  };
  return { ...AS_RECEIVED, ...identity, ...more };
}

export function zohoRow(eventId: string, more: RowValues = {}): RowValues {
  const identity = {
    EVENT_ID: eventId,
    MODULE: 'Accounts',
    OPERATION: 'update',
    RECORD_IDS: '["4876876000000624001"]',
  };
  return { ...AS_RECEIVED, ...identity, ...more };
}

export function callRow(callId: string, version: number, revision: number, more: RowValues = {}): RowValues {
  return { ...ENHANCED, CALL_ID: callId, ROW_VERSION: version, REVISION: revision, ...more };
}

export function emailRow(emailId: string, more: RowValues = {}): RowValues {
  return { ...ENHANCED, EMAIL_ID: emailId, SUBJECT: 'A subject', ...more };
}

export function meetingRow(meetingId: string, more: RowValues = {}): RowValues {
  return { ...ENHANCED, MEETING_ID: meetingId, ...more };
}

export function historyRow(eventId: string, stage: string, more: RowValues = {}): RowValues {
  return {
    HISTORY_ID: `${eventId}-${stage}`,
    TENANT: 'main',
    EVENT_ID: eventId,
    SOURCE: 'gong',
    EVENT_TYPE: 'call',
    STAGE: stage,
    STATUS: 'completed',
    ATTEMPT: 1,
    DURATION_MS: 100,
    OCCURRED_AT: '2026-03-04T15:02:42.000Z',
    ...more,
  };
}

export function snapshotRow(
  snapshotId: string,
  accountId: string,
  version: number,
  more: RowValues = {},
): RowValues {
  return {
    SNAPSHOT_ID: snapshotId,
    TENANT: 'main',
    ACCOUNT_ID: accountId,
    IS_DELETED: false,
    RECORD: '{"id":1}',
    MODIFIED_AT: '2026-03-04T15:02:41.318Z',
    ROW_VERSION: version,
    ...more,
  };
}
