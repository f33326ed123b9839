import { Global, Module } from '@nestjs/common';
import { AccountMatcher } from '../contracts/ports/account-matcher.port.js';
import { AccountSource } from '../contracts/ports/account-source.port.js';
import { ZohoAccountEvents } from './accounts/zoho-account.events.js';
import { ZohoAccountIndex } from './accounts/zoho-account.index.js';
import { ZohoAccountMatcher } from './accounts/zoho-account.matcher.js';
import { ZohoAccountSource } from './accounts/zoho-account.source.js';
import { ZohoEventRouter } from './accounts/zoho-event.router.js';
import { ZohoApiClient } from './api/zoho-api.client.js';
import { ZohoBackoff } from './api/zoho-backoff.js';
import { ZohoConcurrencyGate } from './api/zoho-concurrency.gate.js';
import { ZohoLastCall } from './api/zoho-last-call.js';
import { ZohoLookups } from './api/zoho-lookups.js';
import { DEFAULT_PATIENCE, ZohoPatience } from './api/zoho-patience.js';
import { ZohoRecordsClient } from './api/zoho-records.client.js';
import { ZohoTokenStore } from './api/zoho-token.store.js';
import { ZohoTransport } from './api/zoho-transport.js';
import { ZohoAdapter } from './zoho.adapter.js';
import { ZohoSignatureVerifier } from './zoho-signature.verifier.js';

/**
 * Owns all that knows Zoho CRM: the proof of its webhooks and their many forms, its API (api/), and accounts
 * with all that belongs to them (accounts/). The rest of the house meets it through the ports VendorAdapter,
 * AccountSource and AccountMatcher. Must not know queues, warehouses, memories or channels of Redis.
 */
@Global()
@Module({
  providers: [
    ZohoAdapter,
    ZohoSignatureVerifier,
    ZohoAccountEvents,
    ZohoAccountIndex,
    ZohoEventRouter,
    ZohoApiClient,
    ZohoBackoff,
    ZohoConcurrencyGate,
    ZohoLastCall,
    ZohoLookups,
    ZohoRecordsClient,
    ZohoTokenStore,
    ZohoTransport,
    { provide: ZohoPatience, useValue: DEFAULT_PATIENCE },
    { provide: AccountSource, useClass: ZohoAccountSource },
    { provide: AccountMatcher, useClass: ZohoAccountMatcher },
  ],
  exports: [AccountSource, AccountMatcher],
})
export class ZohoModule {}
