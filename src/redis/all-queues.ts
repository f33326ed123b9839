import type { Queue } from 'bullmq';
import type { QueueName } from '../contracts/jobs.js';
import { QUEUE_POLICY } from '../contracts/queues.js';

/** In the order in which people want to see them. */
export const QUEUE_NAMES = Object.keys(QUEUE_POLICY) as readonly QueueName[];

/** The handles of all queues of the house, so that whoever watches or brakes queues can forget none. */
export class AllQueues {
  constructor(readonly list: readonly Queue[]) {}

  named(name: string): Queue | undefined {
    return this.list.find((queue) => queue.name === name);
  }
}
