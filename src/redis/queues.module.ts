import { BullModule } from '@nestjs/bullmq';
import { Global, Module, type OnApplicationShutdown, type Provider } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { Queue } from 'bullmq';
import type { QueueName } from '../contracts/jobs.js';
import { LiveEvents } from '../contracts/ports/live-events.port.js';
import { QueueControl } from '../contracts/ports/queue-control.port.js';
import { KEY_PREFIX, QUEUE_POLICY } from '../contracts/queues.js';
import { EventQueueControl } from './event-queue-control.js';
import { EventQueueReader } from './event-queue-reader.js';
import { queueHandle } from './inject-queue.js';
import { QueueJobs } from './queue-jobs.js';
import { RedisConnections } from './redis-connections.js';

const QUEUES = Object.keys(QUEUE_POLICY) as QueueName[];

const handles: Provider[] = QUEUES.map((name) => ({
  provide: queueHandle(name),
  inject: [RedisConnections],
  useFactory: ({ producerOptions: connection }: RedisConnections) => {
    const queue = new Queue(name, { connection, prefix: KEY_PREFIX });
    // Reconnecting is BullMQ's work, and who is refused a command is told so.
    queue.on('error', () => undefined);
    return queue;
  },
}));

/** What every `@Processor` connects with. */
const workers = BullModule.forRootAsync({
  inject: [RedisConnections],
  useFactory: ({ workerOptions: connection }: RedisConnections) => ({ connection, prefix: KEY_PREFIX }),
});

/** Owns the handles of all queues, for those who work on them or look into them: `@InjectQueue(EVENTS_QUEUE)`. */
@Global()
@Module({
  // Without queues of its own, BullModule only looks for processors.
  imports: [workers, BullModule.registerQueueAsync()],
  providers: [
    ...handles,
    QueueJobs,
    { provide: QueueControl, useClass: EventQueueControl },
    { provide: LiveEvents, useClass: EventQueueReader },
  ],
  exports: [...QUEUES.map(queueHandle), QueueControl, QueueJobs, LiveEvents],
})
export class QueuesModule implements OnApplicationShutdown {
  constructor(private readonly module: ModuleRef) {}

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(QUEUES.map((name) => this.module.get<Queue>(queueHandle(name)).close()));
  }
}
