import { Processor } from '@nestjs/bullmq';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import { AppConfig } from '../config/app-config.js';
import { ENRICHMENT_QUEUE } from '../contracts/jobs.js';
import { workerOptionsFor } from '../redis/queue-worker.js';
import { EventJobs } from './event-jobs.js';
import { EventWorker } from './event-worker.js';

/** Landed events that wait for their vendor's API, hundreds at a time, so that one request serves many. */
@Processor(ENRICHMENT_QUEUE, workerOptionsFor(ENRICHMENT_QUEUE))
export class EnrichmentProcessor extends EventWorker {
  constructor(
    jobs: EventJobs,
    config: AppConfig,
    @InjectPinoLogger(EnrichmentProcessor.name) logger: PinoLogger,
  ) {
    super(ENRICHMENT_QUEUE, jobs, config, logger);
  }
}
