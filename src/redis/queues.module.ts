import { BullModule, getQueueToken } from '@nestjs/bullmq';
import { Global, Module } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { LiveEvents } from '../contracts/ports/live-events.port.js';
import { KEY_PREFIX } from '../contracts/queues.js';
import { QueueControl } from '../contracts/ports/queue-control.port.js';
import { AllQueues, QUEUE_NAMES } from './all-queues.js';
import { BullQueueControl } from './bull-queue-control.js';
import { EventQueueReader } from './event-queue-reader.js';
import { RedisConnections } from './redis-connections.js';

const queues = QUEUE_NAMES.map((name) =>
  BullModule.registerQueueAsync({
    name,
    inject: [RedisConnections],
    useFactory: (connections: RedisConnections) => ({
      connection: connections.workerOptions,
      prefix: KEY_PREFIX,
    }),
  }),
);

/**
 * Owns the handles of all queues, for those who work on one (`@InjectQueue(EVENTS_QUEUE)`) and those who look
 * after all of them (`AllQueues`).
 */
@Global()
@Module({
  imports: queues,
  providers: [
    {
      provide: AllQueues,
      inject: QUEUE_NAMES.map((name) => getQueueToken(name)),
      useFactory: (...all: Queue[]) => new AllQueues(all),
    },
    { provide: QueueControl, useClass: BullQueueControl },
    { provide: LiveEvents, useClass: EventQueueReader },
  ],
  exports: [BullModule, AllQueues, QueueControl, LiveEvents],
})
export class QueuesModule {}
