import { AppError } from '../contracts/errors.js';
import type { Json, JsonObject } from '../contracts/json.js';
import { longIntegers } from './json-bytes.js';

export const FORM_TYPE = 'application/x-www-form-urlencoded';

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** Whether a body is a form; workflow webhooks are forms unless somebody chose JSON. */
export function isForm(headers: Headers): boolean {
  const type = headers['content-type'];
  return typeof type === 'string' && type.split(';')[0]?.trim().toLowerCase() === FORM_TYPE;
}

/**
 * A body as an object, whatever its form. Of a form, a value that is JSON (`ids=["1"]`) is read as such.
 * Integers of more than 15 digits are read as text: Zoho's ids have 19, and a number would change the last ones.
 * @throws AppError `PAYLOAD.NOT_JSON`
 */
export function bodyObject(body: Buffer, headers: Headers): JsonObject {
  if (isForm(headers)) return formObject(body);
  const parsed = parse(body);
  return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
    ? (parsed as JsonObject)
    : {};
}

function parse(body: Buffer): Json {
  try {
    return exactJson(body);
  } catch (error) {
    throw new AppError('PAYLOAD.NOT_JSON', 'the body is not JSON', 'never', { cause: error });
  }
}

/** Where a long integer may begin: most bodies have none, and are read as they are. */
const MAY_HAVE_LONG_INTEGER = /[\s:,[]-?\d{16}/;

function exactJson(body: Buffer): Json {
  const text = body.toString('utf8');
  const parsed = JSON.parse(text) as Json;
  return MAY_HAVE_LONG_INTEGER.test(text) ? (JSON.parse(withLongIntegersAsText(body)) as Json) : parsed;
}

function withLongIntegersAsText(body: Buffer): string {
  const parts: Buffer[] = [];
  const quote = Buffer.from('"');
  let copiedTo = 0;
  for (const { start, end } of longIntegers(body)) {
    parts.push(body.subarray(copiedTo, start), quote, body.subarray(start, end), quote);
    copiedTo = end;
  }
  return Buffer.concat([...parts, body.subarray(copiedTo)]).toString('utf8');
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
    return exactJson(Buffer.from(value));
  } catch {
    // Text that only looks like JSON.
    return value;
  }
}
