import type { Json, JsonObject } from '../contracts/json.js';
import { affectedFields, affectedValues } from './zoho-notification.js';
import { SECRET_MEMBERS } from './zoho-redaction.js';

/** Each event of a body stores the whole of it, up to this many bytes together. */
const MAX_REPEATED_BYTES = 4 * 2 ** 20;

/**
 * Whether a body names so many records that each event must store its own part only: a mass update of ten
 * thousand records would else be stored ten thousand times.
 */
export function isMassNotification(recordCount: number, bodyBytes: number): boolean {
  return recordCount > 1 && recordCount * bodyBytes > MAX_REPEATED_BYTES;
}

/** What a notification says of one of its records; read again, it is a notification of that record alone. */
export function ownParts(body: JsonObject): (recordId: string) => Buffer {
  const fields = affectedFields(body);
  const values = affectedValues(body);
  const common: Record<string, Json | undefined> = { ...body };
  for (const name of SECRET_MEMBERS) delete common[name];
  return (recordId) => {
    const ownFields = fields.get(recordId);
    const ownValues = values.get(recordId);
    const own: JsonObject = {
      ...common,
      ids: [recordId],
      record_ids: undefined,
      affected_fields: ownFields === undefined ? [] : [{ [recordId]: ownFields }],
      affected_values: ownValues === undefined ? [] : [ownValues],
    };
    return Buffer.from(JSON.stringify(own));
  };
}
