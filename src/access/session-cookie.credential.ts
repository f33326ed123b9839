import { Injectable } from '@nestjs/common';
import { AccessCredential, type AccessCredentialOf, type CredentialResult } from './access-credential.js';
import type { AccessRequest } from './access-request.js';
import { isOfOurOrigin, sessionIdIn } from './session-cookie.js';
import { Sessions } from './sessions.js';

/** The cookie of a session. What changes something must come from a page of ours, besides SameSite=Strict. */
@Injectable()
@AccessCredential({ order: 2 })
export class SessionCookieCredential implements AccessCredentialOf {
  constructor(private readonly sessions: Sessions) {}

  /** A session begins with a token: without tokens there is none. */
  canProve(): boolean {
    return false;
  }

  /** One that has ended is no wrong credential: a page that goes on asking must not shut its address out. */
  async check(request: AccessRequest): Promise<CredentialResult> {
    const id = sessionIdIn(request);
    if (id === undefined) return { type: 'absent' };
    const isReading = request.method === 'GET' || request.method === 'HEAD';
    if (id === 'malformed' || (!isReading && !isOfOurOrigin(request))) return { type: 'wrong' };
    const identity = await this.sessions.find(id);
    return identity === undefined ? { type: 'absent' } : { type: 'proven', identity };
  }
}
