import { Module } from '@nestjs/common';
import { GongApiClient } from './api/gong-api.client.js';
import { GongApiTransport } from './api/gong-api.transport.js';
import { GongBreaker } from './api/gong-breaker.js';
import { GongCallLog } from './api/gong-call-log.js';
import { GongCallLookup } from './api/gong-call.lookup.js';
import { GongCredentials } from './api/gong-credentials.js';
import { GongHealthCheck } from './api/gong-health.check.js';
import { GongOAuthTokens } from './api/gong-oauth.tokens.js';
import { GongQuotaGate } from './api/gong-quota.gate.js';
import { GongUserDirectory } from './api/gong-user.directory.js';
import { GongAdapter } from './gong.adapter.js';
import { GongEnricher } from './gong-enricher.js';
import { GongReconciliation } from './gong.reconciliation.js';
import { GongTokenVerifier } from './gong-token.verifier.js';

/**
 * Owns all that knows Gong: the token of its webhooks, the shape of its payloads, its rows, and its API with the
 * quota that all processes share (api/). The rest of the house meets it through the VendorAdapter port. Must not
 * know queues, warehouses or channels.
 */
@Module({
  providers: [
    GongAdapter,
    GongTokenVerifier,
    GongEnricher,
    GongReconciliation,
    GongApiClient,
    GongApiTransport,
    GongBreaker,
    GongCallLog,
    GongCallLookup,
    GongCredentials,
    GongHealthCheck,
    GongOAuthTokens,
    GongQuotaGate,
    GongUserDirectory,
  ],
})
export class GongModule {}
