import { Global, Module } from '@nestjs/common';
import { AccountMatcher } from '../contracts/ports/account-matcher.port.js';
import { AccountSource } from '../contracts/ports/account-source.port.js';
import { CrmTasks } from '../contracts/ports/crm-tasks.port.js';
import { ZohoChannels } from '../contracts/ports/zoho-channels.port.js';
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
import { ChannelExpiryMetric } from './channels/channel-expiry.metric.js';
import { ChannelSeal } from './channels/channel-seal.js';
import { ChannelTokens } from './channels/channel-tokens.js';
import { ChannelWatch } from './channels/channel-watch.js';
import { ZohoChannelRegistry } from './channels/zoho-channel.registry.js';
import { ZohoChannelService } from './channels/zoho-channel.service.js';
import { ZohoWatchClient } from './channels/zoho-watch.client.js';
import { ZohoReconciliation } from './reconciliation/zoho.reconciliation.js';
import { ZohoTaskLedger } from './tasks/zoho-task.ledger.js';
import { ZohoTaskWriter } from './tasks/zoho-task.writer.js';
import { ZohoUserDirectory } from './tasks/zoho-user.directory.js';
import { ZohoAdapter } from './zoho.adapter.js';
import { ZohoSignatureVerifier } from './zoho-signature.verifier.js';

/**
 * Owns all that knows Zoho CRM: the proof of its webhooks and their many forms, its API (api/), accounts
 * with all that belongs to them (accounts/), the tasks we write into it (tasks/), and the channels by which it
 * notifies us (channels/). The rest of the house meets it through the ports VendorAdapter, AccountSource,
 * AccountMatcher, CrmTasks, ZohoChannels and ReconciliationSource. Must not know queues, warehouses, memories or channels of Redis.
 */
@Global()
@Module({
  providers: [
    ZohoAdapter,
    ZohoSignatureVerifier,
    ZohoReconciliation,
    ChannelExpiryMetric,
    ChannelSeal,
    ChannelTokens,
    ChannelWatch,
    ZohoChannelRegistry,
    ZohoWatchClient,
    { provide: ZohoChannels, useClass: ZohoChannelService },
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
    ZohoTaskLedger,
    ZohoUserDirectory,
    { provide: ZohoPatience, useValue: DEFAULT_PATIENCE },
    { provide: AccountSource, useClass: ZohoAccountSource },
    { provide: AccountMatcher, useClass: ZohoAccountMatcher },
    { provide: CrmTasks, useClass: ZohoTaskWriter },
  ],
  exports: [AccountSource, AccountMatcher, CrmTasks, ZohoChannels],
})
export class ZohoModule {}
