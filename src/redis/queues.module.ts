import { BullModule } from '@nestjs/bullmq';
import { Global, Module } from '@nestjs/common';
import { LiveEvents } from '../contracts/ports/live-events.port.js';
import { KEY_PREFIX, QUEUE_POLICY } from '../contracts/queues.js';
import { QueueControl } from '../contracts/ports/queue-control.port.js';
import { EventQueueControl } from './event-queue-control.js';
import { EventQueueReader } from './event-queue-reader.js';
import { QueueJobs } from './queue-jobs.js';
import { RedisConnections } from './redis-connections.js';

const queues = Object.keys(QUEUE_POLICY).map((name) =>
  BullModule.registerQueueAsync({
    name,
    inject: [RedisConnections],
    useFactory: (connections: RedisConnections) => ({
      connection: connections.workerOptions,
      prefix: KEY_PREFIX,
    }),
  }),
);

/** Owns the handles of all queues, for those who work on them or look into them: `@InjectQueue(EVENTS_QUEUE)`. */
@Global()
@Module({
  imports: queues,
  providers: [
    QueueJobs,
    { provide: QueueControl, useClass: EventQueueControl },
    { provide: LiveEvents, useClass: EventQueueReader },
  ],
  exports: [BullModule, QueueControl, QueueJobs, LiveEvents],
})
export class QueuesModule {}
