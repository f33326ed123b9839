import { DuckDBInstance } from '@duckdb/node-api';
import { type DayOutcome, distinctCalls } from './day-outcome.js';
import type { HeardMessage } from './notifications-listener.js';

/** The rows of a finished service, as far as the check needs them. */
export interface WarehouseRows {
  readonly raw: readonly { readonly eventId: string; readonly bodySha256: string }[];
  readonly calls: readonly {
    readonly callId: string;
    readonly sourceEventId: string;
    readonly hasContent: boolean;
    readonly isWhole: boolean;
    readonly hasAccount: boolean;
  }[];
  readonly eventIdsWithHistory: readonly string[];
  readonly zohoEvents: number;
  readonly distinctZohoEvents: number;
}

/** Reads the file of a service that has stopped; DuckDB lets one process write or several read. */
export async function readWarehouse(path: string): Promise<WarehouseRows> {
  const instance = await DuckDBInstance.create(path, { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  const rows = async (sql: string): Promise<unknown> =>
    (await connection.runAndReadAll(sql)).getRowObjectsJson();
  try {
    return {
      raw: (await rows(
        'SELECT EVENT_ID AS "eventId", PAYLOAD_SHA256 AS "bodySha256" FROM GONG_WEBHOOKS_RAW',
      )) as WarehouseRows['raw'],
      calls: (await rows(
        'SELECT CALL_ID AS "callId", SOURCE_EVENT_ID AS "sourceEventId", ' +
          '(TITLE IS NOT NULL OR PARTIES IS NOT NULL OR ANALYTICS IS NOT NULL) AS "hasContent", ' +
          `(ENRICHMENT_STATUS = 'full' AND TRANSCRIPT IS NOT NULL) AS "isWhole", ` +
          '(ACCOUNT_ID IS NOT NULL) AS "hasAccount" FROM GONG_CALLS_ENHANCED',
      )) as WarehouseRows['calls'],
      eventIdsWithHistory: (
        (await rows('SELECT DISTINCT EVENT_ID AS "eventId" FROM WEBHOOK_PROCESSING_HISTORY')) as {
          eventId: string;
        }[]
      ).map(({ eventId }) => eventId),
      ...zohoCounts(
        (await rows(
          'SELECT count(*)::INTEGER AS "all", count(DISTINCT EVENT_ID)::INTEGER AS "distinct" FROM ZOHO_EVENTS_RAW',
        )) as { all: number; distinct: number }[],
      ),
    };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function zohoCounts([counts]: readonly { all: number; distinct: number }[]) {
  return { zohoEvents: counts?.all ?? 0, distinctZohoEvents: counts?.distinct ?? 0 };
}

/** Every promise about rows; what does not hold is told in words. */
export function rowProblems(outcome: DayOutcome, rows: WarehouseRows, crmRecords: number): string[] {
  return [
    ...crmProblems(rows, crmRecords),
    ...partialProblems(outcome, rows),
    ...rawProblems(outcome, rows),
    ...callProblems(outcome, rows),
    ...historyProblems(outcome, rows),
    ...unwantedProblems(outcome, rows),
  ];
}

/** Every promise about messages: once for each call, again only when an update changed its insights. */
export function messageProblems(
  outcome: DayOutcome,
  messages: readonly HeardMessage[],
  prefix: string,
): string[] {
  const callMessages = messages.filter(({ heardOn }) => heardOn === `${prefix}:gong:calls`);
  const perCall = countBy(callMessages, ({ callId }) => callId);
  const eventsPerCall = countBy(outcome.accepted, ({ callId }) => callId);
  const wrongCounts = [...distinctCalls(outcome)].flatMap((callId) => {
    const [found, most] = [perCall.get(callId) ?? 0, eventsPerCall.get(callId) ?? 0];
    return found >= 1 && found <= most ? [] : [`call ${callId}: ${found} messages on ${prefix}:gong:calls`];
  });
  const repeats = [...countBy(messages, ({ heardOn, id }) => `${heardOn} ${id}`)].flatMap(
    ([message, count]) => (count === 1 ? [] : [`published ${count} times: ${message}`]),
  );
  const privateIds = new Set(outcome.accepted.filter(isPrivate).map(({ eventId }) => eventId));
  const leaks = messages
    .filter(({ eventId, text }) => privateIds.has(eventId) && /severance/i.test(text))
    .map(({ heardOn }) => `a message on ${heardOn} tells what a private call is about`);
  return [...wrongCounts, ...repeats, ...leaks];
}

function rawProblems({ accepted }: DayOutcome, { raw }: WarehouseRows): string[] {
  const counts = countBy(raw, ({ eventId }) => eventId);
  return accepted.flatMap(({ eventId, label }) => {
    const count = counts.get(eventId) ?? 0;
    return count === 1 ? [] : [`${label}: event ${eventId} is ${count} times in GONG_WEBHOOKS_RAW`];
  });
}

function callProblems(outcome: DayOutcome, { calls }: WarehouseRows): string[] {
  const counts = countBy(calls, ({ callId }) => callId);
  const missing = [...distinctCalls(outcome)].flatMap((callId) => {
    const count = counts.get(callId) ?? 0;
    return count === 1 ? [] : [`call ${callId} has ${count} rows in GONG_CALLS_ENHANCED`];
  });
  const content = outcome.accepted.filter(isPrivate).flatMap(({ callId }) => {
    const row = calls.find((call) => call.callId === callId);
    return row?.hasContent === true
      ? [`private call ${callId} shows its content in GONG_CALLS_ENHANCED`]
      : [];
  });
  return [...missing, ...staleProblems(outcome, calls), ...content];
}

function crmProblems({ zohoEvents, distinctZohoEvents }: WarehouseRows, crmRecords: number): string[] {
  if (zohoEvents === crmRecords && distinctZohoEvents === crmRecords) return [];
  return [`${crmRecords} changes of the CRM were taken, and ${zohoEvents} are in ZOHO_EVENTS_RAW`];
}

/** A call that may be fetched has its transcript. */
function partialProblems(outcome: DayOutcome, { calls }: WarehouseRows): string[] {
  const privateIds = new Set(outcome.accepted.filter(isPrivate).map(({ callId }) => callId));
  return calls
    .filter(({ callId, isWhole }) => !isWhole && !privateIds.has(callId))
    .map(({ callId }) => `call ${callId} has no transcript in GONG_CALLS_ENHANCED`);
}

/** An updated call shows its update. */
function staleProblems({ accepted }: DayOutcome, calls: WarehouseRows['calls']): string[] {
  return accepted
    .filter(({ label }) => label === 'update of a call')
    .filter(({ callId, eventId }) => calls.find((call) => call.callId === callId)?.sourceEventId !== eventId)
    .map(({ callId }) => `call ${callId} does not show its update`);
}

function historyProblems({ accepted }: DayOutcome, { eventIdsWithHistory }: WarehouseRows): string[] {
  const known = new Set(eventIdsWithHistory);
  return accepted
    .filter(({ eventId }) => !known.has(eventId))
    .map(({ eventId, label }) => `${label}: event ${eventId} has no WEBHOOK_PROCESSING_HISTORY`);
}

function unwantedProblems({ unwanted }: DayOutcome, { raw }: WarehouseRows): string[] {
  const stored = new Set(raw.map(({ bodySha256 }) => bodySha256));
  return unwanted
    .filter(({ bodySha256 }) => stored.has(bodySha256))
    .map(({ label }) => `${label}: its body is in GONG_WEBHOOKS_RAW`);
}

function isPrivate({ label }: { readonly label: string }): boolean {
  return label === 'private call';
}

function countBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  return counts;
}
