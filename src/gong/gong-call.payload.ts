import type { Json, JsonObject } from '../contracts/json.js';

/**
 * The body of Gong's webhook, read tolerantly: unknown fields are ignored, `null` and missing are the
 * same, and a field of a wrong type is reported instead of breaking the rest. Real deliveries have keys with null,
 * trackers and topics with count 0, callers without speaker or e-mail, and ids of up to 20 digits as text
 * (Gong help: "Payload sent to webhooks"; sanitised captures).
 */
export class PayloadReader {
  /** Fields that were present with an unusable type, by path. */
  readonly unusable: string[] = [];

  text(object: JsonObject, key: string, path: string): string | null {
    return this.typed(object, key, path, (value): value is string => typeof value === 'string');
  }

  number(object: JsonObject, key: string, path: string): number | null {
    return this.typed(object, key, path, (value): value is number => typeof value === 'number');
  }

  flag(object: JsonObject, key: string, path: string): boolean | null {
    return this.typed(object, key, path, (value): value is boolean => typeof value === 'boolean');
  }

  object(object: JsonObject, key: string, path: string): JsonObject {
    return this.typed(object, key, path, isJsonObject) ?? {};
  }

  /** The objects of a list, with their places in it; anything else in the list is reported. */
  objects(object: JsonObject, key: string, path: string): { item: JsonObject; path: string }[] {
    const list =
      this.typed(object, key, path, (value): value is readonly Json[] => Array.isArray(value)) ?? [];
    const items: { item: JsonObject; path: string }[] = [];
    for (const [index, item] of list.entries()) {
      const itemPath = `${path}${key}[${index}].`;
      if (isJsonObject(item)) items.push({ item, path: itemPath });
      else this.unusable.push(itemPath.slice(0, -1));
    }
    return items;
  }

  /** The texts of a list, or one that stands alone; anything else is reported. */
  texts(object: JsonObject, key: string, path: string): string[] {
    const value = object[key];
    if (typeof value === 'string') return [value];
    const list = this.typed(object, key, path, (one): one is readonly Json[] => Array.isArray(one)) ?? [];
    return list.filter((item, index): item is string => {
      if (typeof item !== 'string') this.unusable.push(`${path}${key}[${index}]`);
      return typeof item === 'string';
    });
  }

  private typed<T extends Json>(
    object: JsonObject,
    key: string,
    path: string,
    isUsable: (value: Json) => value is T,
  ): T | null {
    const value = object[key];
    if (value === undefined || value === null) return null;
    if (isUsable(value)) return value;
    this.unusable.push(`${path}${key}`);
    return null;
  }
}

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The three things the front door needs of a body; everything is optional because bodies may surprise. */
export interface GongEnvelope {
  readonly isTest: boolean;
  readonly isPrivate: boolean;
  readonly callData: JsonObject | null;
  readonly callId: string | null;
}

/** Reads the outside of a webhook body. */
export function gongEnvelope(parsed: Json): GongEnvelope {
  const body = isJsonObject(parsed) ? parsed : {};
  const callData = isJsonObject(body.callData) ? body.callData : null;
  const metaData = callData !== null && isJsonObject(callData.metaData) ? callData.metaData : {};
  return {
    isTest: body.isTest === true,
    isPrivate: body.isPrivate === true || metaData.isPrivate === true,
    callData,
    callId: usableId(metaData.id),
  };
}

/** Ids are text; a small id that somebody's relay sent as a number is still exact. */
function usableId(id: Json | undefined): string | null {
  if (typeof id === 'string' && id !== '' && id.length <= 64) return id;
  return typeof id === 'number' && Number.isSafeInteger(id) ? String(id) : null;
}
