import { Injectable } from '@nestjs/common';
import { Queue } from 'bullmq';
import type { VendorEvent } from '../contracts/event.js';
import { ENRICHMENT_QUEUE } from '../contracts/jobs.js';
import { KeepsDeadLetters } from '../contracts/ports/dead-letter-source.port.js';
import { InjectQueue } from '../redis/inject-queue.js';
import { EventDeadLetters } from './event-dead-letters.js';

/** Dead letters of events that had to wait for their vendor. */
@Injectable()
@KeepsDeadLetters()
export class EnrichmentDeadLetters extends EventDeadLetters {
  readonly name = ENRICHMENT_QUEUE;

  constructor(@InjectQueue(ENRICHMENT_QUEUE) queue: Queue<VendorEvent>) {
    super(queue);
  }
}
