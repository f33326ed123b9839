import type { Json, JsonObject } from '../contracts/json.js';
import { moduleName, operationName, type ZohoOperation } from './zoho-modules.js';

/** What a webhook says happened, whichever of its forms it came in. */
export interface ZohoNotification {
  /** The sender's own id of the event; only the generic form has one. */
  readonly eventId: string | null;
  readonly channelId: string | null;
  /** In the API's spelling; null where the body names none. */
  readonly module: string | null;
  readonly operation: ZohoOperation | null;
  readonly records: readonly ZohoRecordChange[];
  /** When Zoho sent it, epoch milliseconds; v2 notifications have none. */
  readonly serverTime: number | null;
}

export interface ZohoRecordChange {
  readonly recordId: string;
  readonly changedFields: readonly string[];
  /** ISO time of the record's change, where the body carries it. */
  readonly modifiedTime: string | null;
}

/**
 * Reads a notification (v2 to v8), a workflow webhook, or the generic form
 * `{event_id, event_type, module, record_id, data, modified_fields}`. Older notifications lack server_time,
 * affected_fields and affected_values, so all three are optional.
 */
export function zohoNotification(body: JsonObject): ZohoNotification {
  const [typeModule, typeOperation] = eventTypeParts(text(body.event_type));
  const module = text(body.module) ?? typeModule;
  const operation = text(body.operation) ?? typeOperation;
  return {
    eventId: idText(body.event_id),
    channelId: idText(body.channel_id),
    module: module === null ? null : moduleName(module),
    operation: operation === null ? null : operationName(operation),
    records: recordChanges(body),
    serverTime: epochMilliseconds(body.server_time),
  };
}

/** Null for what is no time, and for one beyond every calendar (in nanoseconds, say): a Date of it would throw. */
function epochMilliseconds(value: Json | undefined): number | null {
  const time = new Date(Number(value)).getTime();
  return time > 0 ? time : null;
}

/** `Accounts.edit`, `account.updated` or `account_updated`. */
function eventTypeParts(eventType: string | null): [string | null, string | null] {
  const match = /^(.+)[._](\w+?)$/.exec(eventType ?? '');
  return match === null ? [null, null] : [match[1] ?? null, match[2] ?? null];
}

/** Several forms name several records; a repeated id is one record. */
function recordIds(body: JsonObject): string[] {
  const data = isObject(body.data) ? body.data : {};
  const named = [body.ids, body.record_ids].find(
    (value) => Array.isArray(value) || typeof value === 'string',
  );
  const list = Array.isArray(named) ? (named as Json[]) : typeof named === 'string' ? named.split(',') : [];
  const single = [body.record_id, body.id, data.id].find((value) => idText(value) !== null);
  const ids = list.length > 0 ? list : [single];
  return [...new Set(ids.flatMap((id) => idText(id) ?? []))];
}

function recordChanges(body: JsonObject): ZohoRecordChange[] {
  const fields = affectedFields(body);
  const values = affectedValues(body);
  return recordIds(body).map((recordId) => {
    const own = fields.get(recordId) ?? [];
    return {
      recordId,
      changedFields: own.length > 0 ? own : texts(body.modified_fields),
      modifiedTime: text(valuesIn(values.get(recordId), body).Modified_Time),
    };
  });
}

/**
 * The changed fields by record, of `affected_fields: [{"<record id>": ["Field"]}]`. A map, because a mass update
 * names thousands of records.
 */
export function affectedFields(body: JsonObject): ReadonlyMap<string, string[]> {
  const byRecord = new Map<string, string[]>();
  for (const entry of objects(body.affected_fields)) {
    for (const [recordId, fields] of Object.entries(entry)) {
      byRecord.set(recordId, [...(byRecord.get(recordId) ?? []), ...texts(fields)]);
    }
  }
  return byRecord;
}

/** The entries of `affected_values: [{"record_id": "...", "values": {...}}]` by record; the first counts. */
export function affectedValues(body: JsonObject): ReadonlyMap<string, JsonObject> {
  const named = objects(body.affected_values).flatMap((entry) => {
    const recordId = idText(entry.record_id);
    return recordId === null ? [] : [[recordId, entry] as const];
  });
  return new Map(named.reverse());
}

/** The field values that a body brings of a record: `affected_values`, or `data` of the generic form. */
export function carriedValues(body: JsonObject, recordId: string): JsonObject {
  return valuesIn(affectedValues(body).get(recordId), body);
}

function valuesIn(entry: JsonObject | undefined, body: JsonObject): JsonObject {
  const values = isObject(entry?.values) ? entry.values : body.data;
  return isObject(values) ? values : {};
}

function objects(list: Json | undefined): JsonObject[] {
  return Array.isArray(list) ? (list as Json[]).filter((entry): entry is JsonObject => isObject(entry)) : [];
}

function texts(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}

function text(value: Json | undefined): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}

/** Ids are text of digits; one that came as a number is taken only if it is exact. */
function idText(value: Json | undefined): string | null {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : null;
  const id = text(value);
  return id !== null && id.length <= 128 ? id : null;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
