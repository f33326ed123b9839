import type { AccessRequest } from './access-request.js';
import { SESSION_SECONDS } from './sessions.js';

const NAME = 'tributary_session';
const SESSION_ID = /^[\w-]{43}$/;

/** The session id in a request; `malformed` for what we never gave, undefined where there is no such cookie. */
export function sessionIdIn({ headers: { cookie } }: Pick<AccessRequest, 'headers'>): string | undefined {
  if (typeof cookie !== 'string') return undefined;
  const pair = cookie
    .split(';')
    .map((part) => part.trim())
    .find((part) => part.startsWith(`${NAME}=`));
  if (pair === undefined) return undefined;
  const id = pair.slice(NAME.length + 1);
  return SESSION_ID.test(id) ? id : 'malformed';
}

/** Of the whole site, because the stream of notifications takes it too. @param id undefined takes the cookie back. */
export function sessionCookie(id: string | undefined, isHttps: boolean): string {
  const age = id === undefined ? 0 : SESSION_SECONDS;
  const secure = isHttps ? '; Secure' : '';
  return `${NAME}=${id ?? ''}; HttpOnly; SameSite=Strict; Path=/; Max-Age=${age}${secure}`;
}

/** Whether a page of ours sent the request: browsers say so with everything that changes something. */
export function isOfOurOrigin({ headers }: Pick<AccessRequest, 'headers'>): boolean {
  const { origin, host } = headers;
  if (typeof origin !== 'string' || !URL.canParse(origin)) return false;
  return new URL(origin).host === host;
}
