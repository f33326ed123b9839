import { Injectable } from '@nestjs/common';
import { Queue } from 'bullmq';
import { type ErasureJob, ERASURES_QUEUE } from '../contracts/jobs.js';
import type { Json } from '../contracts/json.js';
import { KeepsDeadLetters } from '../contracts/ports/dead-letter-source.port.js';
import { InjectQueue } from '../redis/inject-queue.js';
import { type DeadLetterSubject, JobDeadLetters, NO_SUBJECT } from './job-dead-letters.js';

/**
 * Erasures are tried for ever, so only a job that this release does not understand is here. Of a person it holds
 * nothing but the id of the erasure.
 */
@Injectable()
@KeepsDeadLetters()
export class ErasuresDeadLetters extends JobDeadLetters<ErasureJob> {
  readonly name = ERASURES_QUEUE;

  constructor(@InjectQueue(ERASURES_QUEUE) queue: Queue<ErasureJob>) {
    super(queue);
  }

  protected subjectOf(): DeadLetterSubject {
    return NO_SUBJECT;
  }

  protected payloadOf({ erasureId }: ErasureJob): Json {
    return { erasureId };
  }
}
