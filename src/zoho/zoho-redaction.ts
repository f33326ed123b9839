import { isForm } from './zoho-webhook.body.js';

/** Members that verify the sender: the echoed token, and whatever secret the channel's address carries. */
const SECRET_MEMBERS = new Set(['token', 'query_params']);
const REDACTED = '[redacted]';

/**
 * The body as it may be stored: the values of `token` and `query_params` replaced, every other byte as it was
 * (a parsed and rewritten body would lose the spelling of numbers).
 */
export function redactedBody(body: Buffer, headers: Parameters<typeof isForm>[0]): Buffer {
  const text = body.toString('utf8');
  return Buffer.from(isForm(headers) ? redactedForm(text) : redactedJson(text));
}

function redactedForm(text: string): string {
  const fields = text.split('&').map((field) => {
    const name = field.split('=')[0] ?? '';
    return SECRET_MEMBERS.has(decoded(name)) ? `${name}=${encodeURIComponent(REDACTED)}` : field;
  });
  return fields.join('&');
}

function decoded(name: string): string {
  return [...new URLSearchParams(`${name}=`)][0]?.[0] ?? name;
}

function redactedJson(text: string): string {
  let result = '';
  let copiedTo = 0;
  for (const { key, start, end } of outermostMembers(text)) {
    if (!isSecretKey(key)) continue;
    result += `${text.slice(copiedTo, start)}"${REDACTED}"`;
    copiedTo = end;
  }
  return result + text.slice(copiedTo);
}

interface Member {
  /** As it is spelled, with its quotes. */
  readonly key: string;
  /** Where its value begins; -1 before that is known. */
  start: number;
  end: number;
  hasColon: boolean;
}

const JSON_TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s"{}[\],:]+/g;
const DEPTH_CHANGE: Readonly<Record<string, number>> = { '{': 1, '[': 1, '}': -1, ']': -1 };

/** The members of the outermost object of valid JSON, with the places of their values. */
function* outermostMembers(text: string): Generator<Member> {
  let depth = 0;
  let member: Member | undefined;
  for (const { 0: token, index } of text.matchAll(JSON_TOKENS)) {
    if (depth === 1 && (token === ',' || token === '}')) {
      if (member !== undefined && member.start >= 0) yield member;
      member = undefined;
    } else if (depth >= 1) {
      member = extended(member, token, index);
    }
    depth += DEPTH_CHANGE[token] ?? 0;
  }
}

function extended(member: Member | undefined, token: string, index: number): Member {
  const end = index + token.length;
  if (member === undefined) return { key: token, start: -1, end, hasColon: false };
  if (member.hasColon && member.start < 0) member.start = index;
  if (token === ':') member.hasColon = true;
  member.end = end;
  return member;
}

function isSecretKey(quoted: string): boolean {
  try {
    return SECRET_MEMBERS.has(JSON.parse(quoted) as string);
  } catch {
    // Not a key: the outermost value is a list.
    return false;
  }
}
