import { InjectQueue } from '@nestjs/bullmq';
import { Injectable } from '@nestjs/common';
import { Queue } from 'bullmq';
import { CRM_TASKS_QUEUE, ENRICHMENT_QUEUE, EVENTS_QUEUE } from '../contracts/jobs.js';
import type { QueueControl, QueueState } from '../contracts/ports/queue-control.port.js';

/** Pauses and resumes the event queues and the one that writes into the CRM. BullMQ keeps the pause in Redis, and nothing here lifts it at a start. */
@Injectable()
export class EventQueueControl implements QueueControl {
  private readonly queues: readonly Queue[];

  constructor(
    @InjectQueue(EVENTS_QUEUE) events: Queue,
    @InjectQueue(ENRICHMENT_QUEUE) enrichment: Queue,
    @InjectQueue(CRM_TASKS_QUEUE) crmTasks: Queue,
  ) {
    this.queues = [events, enrichment, crmTasks];
  }

  list(): Promise<QueueState[]> {
    return Promise.all(this.queues.map((queue) => stateOf(queue)));
  }

  async pause(name: string): Promise<boolean> {
    const queue = this.named(name);
    await queue?.pause();
    return queue !== undefined;
  }

  async resume(name: string): Promise<boolean> {
    const queue = this.named(name);
    await queue?.resume();
    return queue !== undefined;
  }

  private named(name: string): Queue | undefined {
    return this.queues.find((queue) => queue.name === name);
  }
}

async function stateOf(queue: Queue): Promise<QueueState> {
  const counts = await queue.getJobCounts('waiting', 'prioritized', 'active', 'delayed', 'failed');
  return { name: queue.name, isPaused: await queue.isPaused(), counts };
}
