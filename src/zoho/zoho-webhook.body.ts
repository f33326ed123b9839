import { AppError } from '../contracts/errors.js';
import type { Json, JsonObject } from '../contracts/json.js';

export const FORM_TYPE = 'application/x-www-form-urlencoded';

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** Whether a body is a form; workflow webhooks are forms unless somebody chose JSON. */
export function isForm(headers: Headers): boolean {
  const type = headers['content-type'];
  return typeof type === 'string' && type.split(';')[0]?.trim().toLowerCase() === FORM_TYPE;
}

/**
 * A body as an object, whatever its form. Of a form, a value that is JSON (`ids=["1"]`) is read as such.
 * @throws AppError `PAYLOAD.NOT_JSON`
 */
export function bodyObject(body: Buffer, headers: Headers): JsonObject {
  if (isForm(headers)) return formObject(body);
  const parsed = parse(body.toString('utf8'));
  return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
    ? (parsed as JsonObject)
    : {};
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw new AppError('PAYLOAD.NOT_JSON', 'the body is not JSON', 'never', { cause: error });
  }
}

function formObject(body: Buffer): JsonObject {
  const entries = [...new URLSearchParams(body.toString('utf8'))].map(
    ([key, value]) => [key, formValue(value)] as const,
  );
  // No prototype: a field may be called __proto__.
  return Object.assign(Object.create(null) as object, Object.fromEntries(entries));
}

function formValue(value: string): Json {
  if (!/^[[{]/.test(value)) return value;
  try {
    return JSON.parse(value) as Json;
  } catch {
    // Text that only looks like JSON.
    return value;
  }
}
