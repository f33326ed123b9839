import { Injectable } from '@nestjs/common';
import { Queue } from 'bullmq';
import { CRM_TASKS_QUEUE, type CrmTaskJob } from '../contracts/jobs.js';
import type { Json } from '../contracts/json.js';
import { KeepsDeadLetters } from '../contracts/ports/dead-letter-source.port.js';
import { InjectQueue } from '../redis/inject-queue.js';
import { type DeadLetterSubject, JobDeadLetters } from './job-dead-letters.js';

/** Tasks that the CRM did not take. Replaying one is safe: what was written after all is found. */
@Injectable()
@KeepsDeadLetters()
export class CrmTaskDeadLetters extends JobDeadLetters<CrmTaskJob> {
  readonly name = CRM_TASKS_QUEUE;

  constructor(@InjectQueue(CRM_TASKS_QUEUE) queue: Queue<CrmTaskJob>) {
    super(queue);
  }

  protected subjectOf({ task, event }: CrmTaskJob): DeadLetterSubject {
    const { eventId, correlationId } = event;
    return {
      vendor: 'zoho',
      kind: 'record',
      eventId,
      entityId: task.account.id,
      correlationId,
      replayOf: null,
    };
  }

  protected payloadOf({ task }: CrmTaskJob): Json {
    return JSON.parse(JSON.stringify(task)) as Json;
  }
}
