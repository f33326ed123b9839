import { BullModule } from '@nestjs/bullmq';
import { Global, Module } from '@nestjs/common';
import { EVENT_QUEUES } from '../contracts/jobs.js';
import { KEY_PREFIX } from '../contracts/queues.js';
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
@Module({ imports: queues, exports: queues.map(() => BullModule) })
export class EventQueuesModule {}
