import type { Job } from 'bullmq';
import type { PinoLogger } from 'nestjs-pino';
import type { AppConfig } from '../config/app-config.js';
import type { VendorEvent } from '../contracts/event.js';
import type { EventQueueName } from '../contracts/jobs.js';
import { QueueWorker } from '../redis/queue-worker.js';
import type { GuardedWork } from '../redis/work-guard.js';
import type { EventJobs } from './event-jobs.js';

/** Takes the events of one queue off it. */
export abstract class EventWorker extends QueueWorker {
  protected constructor(
    private readonly queue: EventQueueName,
    private readonly jobs: EventJobs,
    config: AppConfig,
    logger: PinoLogger,
  ) {
    super(queue, config, logger);
  }

  async handle(job: Job<VendorEvent>, token: string | undefined, work: GuardedWork): Promise<void> {
    await this.jobs.run({ job, queue: this.queue, token, work });
  }
}
