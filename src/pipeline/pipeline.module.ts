import { BullModule } from '@nestjs/bullmq';
import { Module } from '@nestjs/common';
import { EVENTS_QUEUE } from '../contracts/jobs.js';
import { KEY_PREFIX } from '../contracts/queues.js';
import { RedisConnections } from '../redis/redis-connections.js';
import { EventProcessor } from './event.processor.js';
import { EventRunner } from './event-runner.js';
import { QueueMetrics } from './queue-metrics.js';
import { AnalyseStage } from './stages/analyse.stage.js';
import { EnrichStage } from './stages/enrich.stage.js';
import { LandStage } from './stages/land.stage.js';
import { NotifyStage } from './stages/notify.stage.js';
import { StoreStage } from './stages/store.stage.js';

/**
 * Owns the way of an event from the queue to its rows and its message: the order (pipeline.flow.ts), the
 * checkpoints, the retries. It speaks to everything else through ports, and must not know any vendor,
 * warehouse or channel.
 */
@Module({
  imports: [
    BullModule.registerQueueAsync({
      name: EVENTS_QUEUE,
      inject: [RedisConnections],
      useFactory: (connections: RedisConnections) => ({
        connection: connections.workerOptions,
        prefix: KEY_PREFIX,
      }),
    }),
  ],
  providers: [
    EventProcessor,
    EventRunner,
    QueueMetrics,
    LandStage,
    EnrichStage,
    AnalyseStage,
    StoreStage,
    NotifyStage,
  ],
})
export class PipelineModule {}
