import { Global, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { AccessCredentials } from './access-credentials.js';
import { AccessGuard } from './access.guard.js';
import { BearerTokenCredential } from './bearer-token.credential.js';
import { FailureLimit } from './failure-limit.js';
import { SessionCookieCredential } from './session-cookie.credential.js';
import { Sessions } from './sessions.js';

/**
 * Owns who may use the routes that no vendor signs: @AdminOnly() and @ReaderOnly(), the tokens, the limit of
 * wrong ones. A feature that has another credential marks it @AccessCredential. Must not know any route.
 */
@Global()
@Module({
  imports: [DiscoveryModule],
  providers: [
    AccessCredentials,
    AccessGuard,
    BearerTokenCredential,
    FailureLimit,
    SessionCookieCredential,
    Sessions,
  ],
  exports: [AccessCredentials, AccessGuard, FailureLimit, Sessions],
})
export class AccessModule {}
