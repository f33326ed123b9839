import { BullModule } from '@nestjs/bullmq';
import { Global, Module, type OnApplicationShutdown, type Provider } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { LiveEvents } from '../contracts/ports/live-events.port.js';
import { QueueControl } from '../contracts/ports/queue-control.port.js';
import { KEY_PREFIX } from '../contracts/queues.js';
import { AllQueues, QUEUE_NAMES } from './all-queues.js';
import { BullQueueControl } from './bull-queue-control.js';
import { EventQueueReader } from './event-queue-reader.js';
import { queueHandle } from './inject-queue.js';
import { openQueue } from './open-queue.js';
import { QueueJobs } from './queue-jobs.js';
import { RedisConnections } from './redis-connections.js';
import { WorkGuard } from './work-guard.js';

const handles: Provider[] = QUEUE_NAMES.map((name) => ({
  provide: queueHandle(name),
  inject: [RedisConnections],
  useFactory: ({ producers }: RedisConnections) => openQueue(name, producers),
}));

/** What every `@Processor` connects with. */
const workers = BullModule.forRootAsync({
  inject: [RedisConnections],
  useFactory: ({ workers: connection }: RedisConnections) => ({ connection, prefix: KEY_PREFIX }),
});

/**
 * Owns the handles of all queues, for those who work on one (`@InjectQueue(EVENTS_QUEUE)`) and those who look
 * after all of them (`AllQueues`).
 */
@Global()
@Module({
  // Without queues of its own, BullModule only looks for processors.
  imports: [workers, BullModule.registerQueueAsync()],
  providers: [
    ...handles,
    {
      provide: AllQueues,
      inject: QUEUE_NAMES.map(queueHandle),
      useFactory: (...all: Queue[]) => new AllQueues(all),
    },
    QueueJobs,
    WorkGuard,
    { provide: QueueControl, useClass: BullQueueControl },
    { provide: LiveEvents, useClass: EventQueueReader },
  ],
  exports: [...QUEUE_NAMES.map(queueHandle), AllQueues, QueueControl, QueueJobs, LiveEvents, WorkGuard],
})
export class QueuesModule implements OnApplicationShutdown {
  constructor(private readonly queues: AllQueues) {}

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.queues.list.map((queue) => queue.close()));
  }
}
