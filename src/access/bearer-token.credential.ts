import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { equalInConstantTime } from '../contracts/secret-compare.js';
import { AccessCredential, type AccessCredentialOf, type CredentialResult } from './access-credential.js';
import type { AccessLevel, AccessRequest } from './access-request.js';

const BEARER = /^bearer +(\S+) *$/i;

interface NamedToken {
  readonly name: string;
  readonly token: string;
  readonly level: AccessLevel;
}

/** `Authorization: Bearer <token>` (RFC 6750), with the tokens of ADMIN_TOKENS and READER_TOKENS. */
@Injectable()
@AccessCredential({ order: 1 })
export class BearerTokenCredential implements AccessCredentialOf {
  private readonly tokens: readonly NamedToken[];

  constructor({ ADMIN_TOKENS, READER_TOKENS }: AppConfig) {
    this.tokens = [
      ...ADMIN_TOKENS.map((entry) => namedToken(entry, 'admin')),
      ...READER_TOKENS.map((entry) => namedToken(entry, 'reader')),
    ];
  }

  canProve(level: AccessLevel): boolean {
    return this.tokens.some((token) => level === 'reader' || token.level === 'admin');
  }

  async check({ headers: { authorization } }: AccessRequest): Promise<CredentialResult> {
    if (authorization === undefined) return { type: 'absent' };
    const given = typeof authorization === 'string' ? BEARER.exec(authorization)?.[1] : undefined;
    const known = given === undefined ? undefined : this.find(given);
    if (known === undefined) return { type: 'wrong' };
    return { type: 'proven', identity: { name: known.name, level: known.level, credential: 'bearer' } };
  }

  /** Names a token without telling it; a token is no word of a dictionary, so a plain hash does. */
  fingerprintOf(token: string): string {
    return createHash('sha256').update(`session ${token}`).digest('base64url');
  }

  /** Whether a token with this fingerprint is configured. */
  isInUse(fingerprint: string): boolean {
    return this.tokens.some(({ token }) => this.fingerprintOf(token) === fingerprint);
  }

  /** Compares with every token, so that the time says nothing about which one was nearly right. */
  private find(given: string): NamedToken | undefined {
    const matching = this.tokens.filter(({ token }) => equalInConstantTime(token, given));
    return matching[0];
  }
}

/** `name:token`; a token may hold colons, a name may not. */
function namedToken(entry: string, level: AccessLevel): NamedToken {
  const colon = entry.indexOf(':');
  return { name: entry.slice(0, colon), token: entry.slice(colon + 1), level };
}
