import { AppError } from '../contracts/errors.js';
import type { Json, JsonObject } from '../contracts/json.js';

/** A lookup field: the record it points to. */
export interface ZohoLookup {
  readonly id: string;
  readonly name: string | null;
}

/** One CRM record as the API gives it; ids are text of digits. */
export type ZohoRecord = JsonObject & { readonly id: string };

/** Ids have up to 19 digits today. Anything else never goes into an address or a key. */
export function isRecordId(value: unknown): value is string {
  return typeof value === 'string' && /^\d{1,25}$/.test(value);
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A text that says something; numbers and booleans as text. */
export function textOf(value: Json | undefined): string | null {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}

export function lookupOf(value: Json | undefined): ZohoLookup | null {
  if (!isObject(value) || !isRecordId(value.id)) return null;
  return { id: value.id, name: textOf(value.name) };
}

/** The records of an answer's `data`; whatever is none is left out. */
export function recordsOf(body: Json): ZohoRecord[] {
  const data = isObject(body) && Array.isArray(body.data) ? (body.data as Json[]) : [];
  return data.filter((item): item is ZohoRecord => isObject(item) && isRecordId(item.id));
}

/** What an answer says of its list, e.g. whether there is more; empty where it says nothing. */
export function infoOf(body: Json): JsonObject {
  return isObject(body) && isObject(body.info) ? body.info : {};
}

/**
 * Where the next page of a list begins; null after the last.
 * @throws AppError `ZOHO.UNAVAILABLE` where there is more and Zoho does not say where: a list must not end unseen.
 */
export function nextPageToken(body: Json): string | null {
  const info = infoOf(body);
  if (info.more_records !== true) return null;
  const token = textOf(info.next_page_token);
  if (token !== null) return token;
  throw new AppError('ZOHO.UNAVAILABLE', 'a list goes on, and Zoho does not say where', 'backoff');
}

/** When a record was changed last, epoch milliseconds; 0 where it does not say. */
export function modifiedMs(record: JsonObject): number {
  const milliseconds = Date.parse(textOf(record.Modified_Time) ?? '');
  return Number.isFinite(milliseconds) ? milliseconds : 0;
}
