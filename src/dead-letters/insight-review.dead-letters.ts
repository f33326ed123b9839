import { Injectable } from '@nestjs/common';
import { Queue } from 'bullmq';
import { INSIGHT_REVIEW_QUEUE, type InsightReviewJob } from '../contracts/jobs.js';
import type { Json } from '../contracts/json.js';
import { KeepsDeadLetters } from '../contracts/ports/dead-letter-source.port.js';
import { InjectQueue } from '../redis/inject-queue.js';
import { type DeadLetterSubject, JobDeadLetters } from './job-dead-letters.js';

/** Reviews of another release; what a language model does not answer is skipped and is no dead letter. */
@Injectable()
@KeepsDeadLetters()
export class InsightReviewDeadLetters extends JobDeadLetters<InsightReviewJob> {
  readonly name = INSIGHT_REVIEW_QUEUE;

  constructor(@InjectQueue(INSIGHT_REVIEW_QUEUE) queue: Queue<InsightReviewJob>) {
    super(queue);
  }

  protected subjectOf({ event, record }: InsightReviewJob): DeadLetterSubject {
    const { vendor, kind, eventId, correlationId } = event;
    return { vendor, kind, eventId, entityId: record.subject.id, correlationId, replayOf: null };
  }

  protected payloadOf({ record }: InsightReviewJob): Json {
    return { kind: record.conversation.kind, id: record.conversation.objectId };
  }
}
