import { type DynamicModule, Global, Module } from '@nestjs/common';
import type { AppConfig } from '../config/app-config.js';
import { Reconciliation } from '../contracts/ports/reconciliation.port.js';
import { SeenIndex } from '../contracts/ports/seen-index.port.js';
import { ReconciliationProcessor } from './reconciliation.processor.js';
import { ReconciliationQueue } from './reconciliation.queue.js';
import { ReconciliationSchedule } from './reconciliation.schedule.js';
import { ReconciliationService } from './reconciliation.service.js';
import { ReconciliationSources } from './reconciliation-sources.js';
import { RedisSeenIndex } from './redis-seen-index.js';
import { RunStepper } from './run.stepper.js';
import { RunStore } from './run.store.js';

/**
 * Owns what was seen of each vendor, the comparisons with the vendors' APIs that find the rest, and the schedule of
 * both and of the renewal of channels. It speaks to vendors through ReconciliationSource and ZohoChannels, and enters
 * events by EventAdmission; it must not know any vendor. A process with ROLE=api only asks for comparisons.
 */
@Global()
@Module({})
export class ReconciliationModule {
  static with({ ROLE }: Pick<AppConfig, 'ROLE'>): DynamicModule {
    return {
      module: ReconciliationModule,
      providers: [
        ReconciliationQueue,
        ReconciliationService,
        ReconciliationSources,
        RunStore,
        { provide: SeenIndex, useClass: RedisSeenIndex },
        { provide: Reconciliation, useExisting: ReconciliationService },
        ...(ROLE === 'api' ? [] : [ReconciliationProcessor, ReconciliationSchedule, RunStepper]),
      ],
      exports: [SeenIndex, Reconciliation],
    };
  }
}
