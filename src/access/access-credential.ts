import { DiscoveryService } from '@nestjs/core';
import type { AccessIdentity, AccessLevel, AccessRequest } from './access-request.js';

/** `absent`: the request does not carry this credential, another one may be asked. `wrong` is final. */
export type CredentialResult =
  | { readonly type: 'absent' }
  | { readonly type: 'wrong' }
  | { readonly type: 'proven'; readonly identity: AccessIdentity };

/**
 * One way of proving who is asking. A credential that is present must be right: after a wrong one no other
 * is looked at. The bearer token is one; a feature may add another, such as the cookie of a session.
 */
export interface AccessCredentialOf {
  /** Whether anybody could prove this level in this way, as configured. */
  canProve(level: AccessLevel): boolean;
  check(request: AccessRequest): Promise<CredentialResult>;
}

/** Marks a provider as a credential: `@AccessCredential({ order: 2 })`. The lowest order is asked first. */
export const AccessCredential = DiscoveryService.createDecorator<{ order: number }>();
