import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import type { AppConfig } from '../config/app-config.js';
import { Memory } from '../contracts/ports/memory.port.js';
import { CogneeApi } from './cognee/cognee.api.js';
import { CogneeCleaner } from './cognee/cognee.cleaner.js';
import { CogneeDataset } from './cognee/cognee.dataset.js';
import { CogneeHttp } from './cognee/cognee.http.js';
import { CogneeMemory } from './cognee/cognee.memory.js';
import { CogneeState } from './cognee/cognee.state.js';
import { CogneeGraphBuilder } from './cognee/cognee-graph.builder.js';
import { CogneeSettings, cogneeSettings } from './cognee/cognee-settings.js';
import { RedisLock } from './cognee/redis-lock.js';
import { DocumentStore } from './local/document.store.js';
import { IndexKeeper } from './local/index-keeper.js';
import { LocalMemory } from './local/local.memory.js';
import { MemoryHealthCheck } from './memory-health.check.js';
import { MemoryProbe } from './memory-probe.js';

/**
 * Owns what agents can ask about accounts: one document for each account, local (in Redis, found by words)
 * or in Cognee, behind the port. text/ is pure and shared by both. Must not know vendors, or what the
 * documents are made of.
 */
@Module({})
export class MemoryModule {
  static with(config: AppConfig): DynamicModule {
    return {
      module: MemoryModule,
      global: true,
      providers: [MemoryHealthCheck, ...providersOf(config)],
      exports: [Memory],
    };
  }
}

function providersOf(config: AppConfig): Provider[] {
  switch (config.MEMORY) {
    case 'local':
      return [DocumentStore, IndexKeeper, LocalMemory, ...portsAs(LocalMemory)];
    case 'cognee':
      return [
        { provide: CogneeSettings, useValue: cogneeSettings(config) },
        ...[CogneeHttp, CogneeApi, CogneeDataset, CogneeState, CogneeCleaner, RedisLock],
        ...[CogneeGraphBuilder, CogneeMemory, ...portsAs(CogneeMemory)],
      ];
  }
}

function portsAs(memory: typeof LocalMemory | typeof CogneeMemory): Provider[] {
  return [
    { provide: Memory, useExisting: memory },
    { provide: MemoryProbe, useExisting: memory },
  ];
}
