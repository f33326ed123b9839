import { outermostMembers } from './json-bytes.js';
import { isForm } from './zoho-webhook.body.js';

/** Members that verify the sender: the echoed token, and whatever secret the channel's address carries. */
const SECRET_MEMBERS = ['token', 'query_params'];
const REDACTED = '[redacted]';

/**
 * The body as it may be stored: the values of `token` and `query_params` replaced, every other byte as it was
 * (a parsed and rewritten body would lose the spelling of numbers).
 * @param parsed the same body, read: most bodies hold neither member.
 */
export function redactedBody(body: Buffer, headers: Parameters<typeof isForm>[0], parsed: object): Buffer {
  if (!SECRET_MEMBERS.some((name) => Object.hasOwn(parsed, name))) return body;
  return isForm(headers) ? redactedForm(body) : redactedJson(body);
}

function redactedForm(body: Buffer): Buffer {
  const fields = body
    .toString('latin1')
    .split('&')
    .map((field) => {
      const name = field.split('=')[0] ?? '';
      return SECRET_MEMBERS.includes(decoded(name)) ? `${name}=${encodeURIComponent(REDACTED)}` : field;
    });
  return Buffer.from(fields.join('&'), 'latin1');
}

function decoded(name: string): string {
  return [...new URLSearchParams(`${name}=`)][0]?.[0] ?? name;
}

function redactedJson(body: Buffer): Buffer {
  const parts: Buffer[] = [];
  let copiedTo = 0;
  for (const { key, value } of outermostMembers(body)) {
    if (!SECRET_MEMBERS.includes(JSON.parse(key) as string)) continue;
    parts.push(body.subarray(copiedTo, value.start), Buffer.from(`"${REDACTED}"`));
    copiedTo = value.end;
  }
  return Buffer.concat([...parts, body.subarray(copiedTo)]);
}
