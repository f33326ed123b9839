import { type DynamicModule, Global, Module } from '@nestjs/common';
import type { AppConfig } from '../config/app-config.js';
import { AccountSync } from '../contracts/ports/account-sync.port.js';
import { AccountSyncStatuses } from '../contracts/ports/account-sync-status.port.js';
import { AccountEraser } from './account.eraser.js';
import { AccountFindings } from './account-findings.js';
import { AccountSignals } from './account-signals.js';
import { AccountSyncProcessor } from './account-sync.processor.js';
import { AccountSyncReader } from './account-sync.reader.js';
import { AccountSyncQueue } from './account-sync.queue.js';
import { AccountSyncRunner } from './account-sync.runner.js';
import { AccountSyncState } from './account-sync.state.js';

/**
 * Owns the syncs of accounts: their queue, their coalescing, their order of steps (read, compare, snapshot, tell, remember).
 * It speaks to the CRM, the outbox and the memory through ports, and must not know which they are. A process
 * with ROLE=api runs none.
 */
@Global()
@Module({})
export class AccountSyncModule {
  static with({ ROLE }: AppConfig): DynamicModule {
    return {
      module: AccountSyncModule,
      providers: [
        AccountSignals,
        AccountSyncState,
        { provide: AccountSync, useClass: AccountSyncQueue },
        { provide: AccountSyncStatuses, useClass: AccountSyncReader },
        ...(ROLE === 'api' ? [] : [AccountEraser, AccountFindings, AccountSyncProcessor, AccountSyncRunner]),
      ],
      exports: [AccountSignals, AccountSync, AccountSyncStatuses],
    };
  }
}
