import { Global, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { DeadLetters } from '../contracts/ports/dead-letters.port.js';
import { AccountSyncDeadLetters } from './account-sync.dead-letters.js';
import { SlackAlertDeadLetters } from './alerts-slack.dead-letters.js';
import { SmtpAlertDeadLetters } from './alerts-smtp.dead-letters.js';
import { WebhookAlertDeadLetters } from './alerts-webhook.dead-letters.js';
import { CrmTaskDeadLetters } from './crm-tasks.dead-letters.js';
import { DeadLetterDesk } from './dead-letter-desk.js';
import { DeadLetterMetrics } from './dead-letter-metrics.js';
import { EnrichmentDeadLetters } from './enrichment.dead-letters.js';
import { ErasuresDeadLetters } from './erasures.dead-letters.js';
import { EventsDeadLetters } from './events.dead-letters.js';
import { InsightReviewDeadLetters } from './insight-review.dead-letters.js';
import { ReconciliationDeadLetters } from './reconciliation.dead-letters.js';
import { ReplaysDeadLetters } from './replays.dead-letters.js';
import { WarehouseDeadLetters } from './warehouse.dead-letters.js';

/**
 * Owns what retrying cannot mend: the desk at which an operator looks at it, and one source for each place that
 * keeps dead letters, marked @KeepsDeadLetters. Must not know stages or vendors.
 */
@Global()
@Module({
  imports: [DiscoveryModule],
  providers: [
    EventsDeadLetters,
    EnrichmentDeadLetters,
    AccountSyncDeadLetters,
    CrmTaskDeadLetters,
    ErasuresDeadLetters,
    InsightReviewDeadLetters,
    SlackAlertDeadLetters,
    SmtpAlertDeadLetters,
    WebhookAlertDeadLetters,
    ReconciliationDeadLetters,
    ReplaysDeadLetters,
    WarehouseDeadLetters,
    DeadLetterMetrics,
    DeadLetterDesk,
    { provide: DeadLetters, useExisting: DeadLetterDesk },
  ],
  exports: [DeadLetters],
})
export class DeadLettersModule {}
