import { Global, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { DeadLetters } from '../contracts/ports/dead-letters.port.js';
import { DeadLetterDesk } from './dead-letter-desk.js';
import { DeadLetterMetrics } from './dead-letter-metrics.js';
import { EnrichmentDeadLetters } from './enrichment.dead-letters.js';
import { EventsDeadLetters } from './events.dead-letters.js';

/**
 * Owns what retrying cannot mend: the desk at which an operator looks at it, and the failed sets of the event
 * queues. Others who keep dead letters mark themselves @KeepsDeadLetters. Must not know stages or vendors.
 */
@Global()
@Module({
  imports: [DiscoveryModule],
  providers: [
    EventsDeadLetters,
    EnrichmentDeadLetters,
    DeadLetterMetrics,
    DeadLetterDesk,
    { provide: DeadLetters, useExisting: DeadLetterDesk },
  ],
  exports: [DeadLetters],
})
export class DeadLettersModule {}
