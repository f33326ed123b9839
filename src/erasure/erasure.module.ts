import { type DynamicModule, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import type { AppConfig } from '../config/app-config.js';
import { Erasures } from '../contracts/ports/erasures.port.js';
import { ErasureProcessor } from './erasure.processor.js';
import { ErasureQueue } from './erasure.queue.js';
import { ErasureRunner } from './erasure.runner.js';
import { ErasureState } from './erasure.state.js';
import { PersonErasers } from './person-erasers.js';

/**
 * Owns the erasure of persons: its record, its queue, and the order of the places. Each place forgets by itself, behind
 * the port PersonEraser; this must not know what any of them keeps. A process with ROLE=api runs none.
 */
@Module({})
export class ErasureModule {
  static with({ ROLE }: AppConfig): DynamicModule {
    return {
      module: ErasureModule,
      global: true,
      imports: [DiscoveryModule],
      providers: [
        ErasureState,
        { provide: Erasures, useClass: ErasureQueue },
        ...(ROLE === 'api' ? [] : [ErasureProcessor, ErasureRunner, PersonErasers]),
      ],
      exports: [Erasures],
    };
  }
}
