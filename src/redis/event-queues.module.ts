import { BullModule } from '@nestjs/bullmq';
import { Global, Module } from '@nestjs/common';
import { EVENT_QUEUES } from '../contracts/jobs.js';
import { KEY_PREFIX } from '../contracts/queues.js';
import { LiveEvents } from '../contracts/ports/live-events.port.js';
import { QueueControl } from '../contracts/ports/queue-control.port.js';
import { EventQueueControl } from './event-queue-control.js';
import { EventQueueReader } from './event-queue-reader.js';
import { RedisConnections } from './redis-connections.js';

const queues = EVENT_QUEUES.map((name) =>
  BullModule.registerQueueAsync({
    name,
    inject: [RedisConnections],
    useFactory: (connections: RedisConnections) => ({
      connection: connections.workerOptions,
      prefix: KEY_PREFIX,
    }),
  }),
);

/** Owns the handles of the event queues, for all who work on them or look into them: `@InjectQueue(EVENTS_QUEUE)`. */
@Global()
@Module({
  imports: queues,
  providers: [
    { provide: QueueControl, useClass: EventQueueControl },
    { provide: LiveEvents, useClass: EventQueueReader },
  ],
  exports: [BullModule, QueueControl, LiveEvents],
})
export class EventQueuesModule {}
