import { Injectable } from '@nestjs/common';
import { Queue } from 'bullmq';
import {
  RECONCILIATION_QUEUE,
  type ReconcileJob,
  type RenewChannelsJob,
  type StartRunJob,
} from '../contracts/jobs.js';
import type { Json } from '../contracts/json.js';
import { KeepsDeadLetters } from '../contracts/ports/dead-letter-source.port.js';
import { InjectQueue } from '../redis/inject-queue.js';
import { type DeadLetterSubject, JobDeadLetters, NO_SUBJECT } from './job-dead-letters.js';

type Chore = StartRunJob | ReconcileJob | RenewChannelsJob;

/**
 * Comparisons and upkeep that died of something unforeseen. What a comparison fails of at its vendor is no dead
 * letter: it stands in the comparison (`GET /admin/reconciliations`), which can be resumed.
 */
@Injectable()
@KeepsDeadLetters()
export class ReconciliationDeadLetters extends JobDeadLetters<Chore> {
  readonly name = RECONCILIATION_QUEUE;

  constructor(@InjectQueue(RECONCILIATION_QUEUE) queue: Queue<Chore>) {
    super(queue);
  }

  protected subjectOf(chore: Chore): DeadLetterSubject {
    return { ...NO_SUBJECT, vendor: 'vendor' in chore ? chore.vendor : null };
  }

  /** Which of the chores it is can be seen by its fields: a vendor and mode, a run, or neither. */
  protected payloadOf(chore: Chore): Json {
    return { ...chore };
  }
}
