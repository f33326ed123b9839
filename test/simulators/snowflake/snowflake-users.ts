import { createHash, createPublicKey, verify } from 'node:crypto';
import type { StatementKind } from './snowflake-sql.js';

/** `delete` or `delete ROW_PARTS`. */
export type Right = StatementKind | `${StatementKind} ${string}`;

/** Who may log in, how, and what each role may do. */
export interface SnowflakeUser {
  readonly name: string;
  readonly password?: string;
  /** PEM of the public key that `ALTER USER ... SET RSA_PUBLIC_KEY` was given. */
  readonly publicKey?: string;
  readonly accessToken?: string;
  readonly oauthToken?: string;
  /** Role names with the kinds of statements they may run, on all tables or on one; `everything` for an owner. */
  readonly roles: Readonly<Record<string, readonly Right[] | 'everything'>>;
}

interface LoginData {
  readonly LOGIN_NAME?: string;
  readonly PASSWORD?: string;
  readonly TOKEN?: string;
  readonly AUTHENTICATOR?: string;
}

/** Codes: 390100 wrong password, 390144 bad JWT, 390303 bad OAuth token (facts §1, "auth"). */
export type LoginRefusal = '390100' | '390144' | '390303';

/** The user whose credentials these are, or why they are refused. */
export function authenticate(users: readonly SnowflakeUser[], data: LoginData): SnowflakeUser | LoginRefusal {
  const named = users.find(({ name }) => name.toUpperCase() === data.LOGIN_NAME?.toUpperCase());
  switch (data.AUTHENTICATOR) {
    case 'SNOWFLAKE_JWT':
      return named?.publicKey !== undefined && isSignedBy(named.publicKey, named.name, data.TOKEN ?? '')
        ? named
        : '390144';
    case 'OAUTH':
      return users.find(({ oauthToken }) => isSame(oauthToken, data.TOKEN)) ?? '390303';
    case 'PROGRAMMATIC_ACCESS_TOKEN':
      return named !== undefined && isSame(named.accessToken, data.TOKEN) ? named : '390303';
    case undefined:
    default:
      return named !== undefined && isSame(named.password, data.PASSWORD) ? named : '390100';
  }
}

const isSame = (known: string | undefined, given: string | undefined) =>
  known !== undefined && known === given;

/** Issuer `ACCOUNT.USER.SHA256:<fingerprint of the public key>`, signed with RS256 (Snowflake, key-pair authentication). */
function isSignedBy(publicKey: string, user: string, token: string): boolean {
  const [header = '', body = '', signature = ''] = token.split('.');
  const key = createPublicKey(publicKey);
  const spki = key.export({ type: 'spki', format: 'der' });
  const fingerprint = createHash('sha256').update(spki).digest('base64');
  const { iss, exp } = JSON.parse(Buffer.from(body, 'base64url').toString()) as { iss: string; exp: number };
  return (
    iss.toUpperCase().endsWith(`.${user}.SHA256:${fingerprint}`.toUpperCase()) &&
    exp * 1000 > Date.now() &&
    verify('RSA-SHA256', Buffer.from(`${header}.${body}`), key, Buffer.from(signature, 'base64url'))
  );
}
