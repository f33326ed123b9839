import { Processor } from '@nestjs/bullmq';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import { AppConfig } from '../config/app-config.js';
import { EVENTS_QUEUE } from '../contracts/jobs.js';
import { workerOptionsFor } from '../redis/queue-worker.js';
import { EventJobs } from './event-jobs.js';
import { EventWorker } from './event-worker.js';

/** Every event comes here first; it ends here too, unless it has to wait for its vendor's API. */
@Processor(EVENTS_QUEUE, workerOptionsFor(EVENTS_QUEUE))
export class EventProcessor extends EventWorker {
  constructor(jobs: EventJobs, config: AppConfig, @InjectPinoLogger(EventProcessor.name) logger: PinoLogger) {
    super(EVENTS_QUEUE, jobs, config, logger);
  }
}
