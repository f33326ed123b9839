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
  const serverTime = Number(body.server_time);
  return {
    eventId: idText(body.event_id),
    channelId: idText(body.channel_id),
    module: module === null ? null : moduleName(module),
    operation: operation === null ? null : operationName(operation),
    records: recordIds(body).map((recordId) => ({
      recordId,
      changedFields: changedFields(body, recordId),
      modifiedTime: modifiedTime(body, recordId),
    })),
    serverTime: Number.isFinite(serverTime) && serverTime > 0 ? serverTime : null,
  };
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

/** `affected_fields: [{"<record id>": ["Field"]}]`, or `modified_fields: ["Field"]` of the generic form. */
function changedFields(body: JsonObject, recordId: string): string[] {
  const affected = Array.isArray(body.affected_fields) ? (body.affected_fields as Json[]) : [];
  const own = affected.flatMap((entry) => (isObject(entry) ? texts(entry[recordId]) : []));
  return own.length > 0 ? own : texts(body.modified_fields);
}

function modifiedTime(body: JsonObject, recordId: string): string | null {
  return text(carriedValues(body, recordId).Modified_Time);
}

/** The field values that a body brings of a record: `affected_values`, or `data` of the generic form. */
export function carriedValues(body: JsonObject, recordId: string): JsonObject {
  const affected = Array.isArray(body.affected_values) ? (body.affected_values as Json[]) : [];
  const own = affected.find((entry) => isObject(entry) && entry.record_id === recordId);
  const values = isObject(own) && isObject(own.values) ? own.values : body.data;
  return isObject(values) ? values : {};
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
