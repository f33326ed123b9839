import { type DynamicModule, Module } from '@nestjs/common';
import type { AppConfig } from '../config/app-config.js';
import { EnrichmentProcessor } from './enrichment.processor.js';
import { EventJobs } from './event-jobs.js';
import { EventProcessor } from './event.processor.js';
import { EventRunner } from './event-runner.js';
import { QueueMetrics } from './queue-metrics.js';
import { QueueEraser } from './queue.eraser.js';
import { ReviewEraser } from './review.eraser.js';
import { ReviewProcessor } from './review.processor.js';
import { ReviewQueue } from './review.queue.js';
import { ReviewRunner } from './review.runner.js';
import { AnalyseStage } from './stages/analyse.stage.js';
import { AssignStage } from './stages/assign.stage.js';
import { EnrichStage } from './stages/enrich.stage.js';
import { LandStage } from './stages/land.stage.js';
import { NotifyStage } from './stages/notify.stage.js';
import { RememberStage } from './stages/remember.stage.js';
import { StoreStage } from './stages/store.stage.js';

const WORK = [
  EventProcessor,
  EnrichmentProcessor,
  EventJobs,
  EventRunner,
  QueueEraser,
  LandStage,
  EnrichStage,
  AnalyseStage,
  StoreStage,
  NotifyStage,
  RememberStage,
  AssignStage,
  ReviewQueue,
  ReviewEraser,
];

/**
 * Owns the way of an event from the queue to its rows and its message: the order (pipeline.flow.ts), the
 * checkpoints, the retries. It speaks to everything else through ports, and must not know any vendor,
 * warehouse or channel. A process with ROLE=api only watches the queues.
 */
@Module({})
export class PipelineModule {
  static with({ ROLE, hasLlm }: AppConfig): DynamicModule {
    const reviews = hasLlm ? [ReviewProcessor, ReviewRunner] : [];
    return {
      module: PipelineModule,
      providers: [QueueMetrics, ...(ROLE === 'api' ? [] : [...WORK, ...reviews])],
    };
  }
}
