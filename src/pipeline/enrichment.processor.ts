import { Processor } from '@nestjs/bullmq';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import { AppConfig } from '../config/app-config.js';
import { ENRICHMENT_QUEUE } from '../contracts/jobs.js';
import { QUEUE_POLICY } from '../contracts/queues.js';
import { EventJobs } from './event-jobs.js';
import { EventWorker, workerOptionsFor } from './event-worker.js';

/** Landed events that wait for their vendor's API, hundreds at a time, so that one request serves many. */
@Processor(ENRICHMENT_QUEUE, workerOptionsFor(QUEUE_POLICY[ENRICHMENT_QUEUE]))
export class EnrichmentProcessor extends EventWorker {
  constructor(
    jobs: EventJobs,
    config: AppConfig,
    @InjectPinoLogger(EnrichmentProcessor.name) logger: PinoLogger,
  ) {
    super(ENRICHMENT_QUEUE, jobs, config, logger);
  }
}
