import { BullModule } from '@nestjs/bullmq';
import { Global, Module } from '@nestjs/common';
import { KEY_PREFIX, QUEUE_POLICY } from '../contracts/queues.js';
import { QueueControl } from '../contracts/ports/queue-control.port.js';
import { EventQueueControl } from './event-queue-control.js';
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
  providers: [{ provide: QueueControl, useClass: EventQueueControl }],
  exports: [BullModule, QueueControl],
})
export class QueuesModule {}
