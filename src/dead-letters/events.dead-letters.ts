import { Injectable } from '@nestjs/common';
import { Queue } from 'bullmq';
import type { VendorEvent } from '../contracts/event.js';
import { EVENTS_QUEUE } from '../contracts/jobs.js';
import { KeepsDeadLetters } from '../contracts/ports/dead-letter-source.port.js';
import { InjectQueue } from '../redis/inject-queue.js';
import { EventDeadLetters } from './event-dead-letters.js';

/** Dead letters of events on their first way through the pipeline. */
@Injectable()
@KeepsDeadLetters()
export class EventsDeadLetters extends EventDeadLetters {
  readonly name = EVENTS_QUEUE;

  constructor(@InjectQueue(EVENTS_QUEUE) queue: Queue<VendorEvent>) {
    super(queue);
  }
}
