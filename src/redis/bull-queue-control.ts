import { Injectable } from '@nestjs/common';
import type { Queue } from 'bullmq';
import type { QueueControl, QueueState } from '../contracts/ports/queue-control.port.js';
import { AllQueues } from './all-queues.js';

/** Pauses and resumes queues. BullMQ keeps the pause in Redis, and nothing here lifts it at a start. */
@Injectable()
export class BullQueueControl implements QueueControl {
  constructor(private readonly queues: AllQueues) {}

  list(): Promise<QueueState[]> {
    return Promise.all(this.queues.list.map((queue) => stateOf(queue)));
  }

  async pause(name: string): Promise<boolean> {
    const queue = this.queues.named(name);
    await queue?.pause();
    return queue !== undefined;
  }

  async resume(name: string): Promise<boolean> {
    const queue = this.queues.named(name);
    await queue?.resume();
    return queue !== undefined;
  }
}

async function stateOf(queue: Queue): Promise<QueueState> {
  const [counts, isPaused] = await Promise.all([
    queue.getJobCounts('waiting', 'prioritized', 'active', 'delayed', 'failed'),
    queue.isPaused(),
  ]);
  return { name: queue.name, isPaused, counts };
}
