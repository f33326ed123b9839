import { type DynamicModule, Global, Module } from '@nestjs/common';
import type { AppConfig } from '../config/app-config.js';
import { Replays } from '../contracts/ports/replays.port.js';
import { ReplayProcessor } from './replay.processor.js';
import { ReplayQueue } from './replay.queue.js';
import { ReplayRunner } from './replay.runner.js';
import { ReplayState } from './replay.state.js';

/**
 * Owns replays from the raw archive: their queue, their pace, their progress. It reads the archive through a
 * port, and must not know which warehouse it is. A process with ROLE=api runs none.
 */
@Global()
@Module({})
export class ReplaysModule {
  static with({ ROLE }: AppConfig): DynamicModule {
    return {
      module: ReplaysModule,
      providers: [
        ReplayState,
        { provide: Replays, useClass: ReplayQueue },
        ...(ROLE === 'api' ? [] : [ReplayProcessor, ReplayRunner]),
      ],
      exports: [Replays, ReplayState],
    };
  }
}
