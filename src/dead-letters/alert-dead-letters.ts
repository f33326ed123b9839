import type { AlertJob } from '../contracts/jobs.js';
import type { Json } from '../contracts/json.js';
import { type DeadLetterSubject, JobDeadLetters } from './job-dead-letters.js';

/** Messages that a target outside the house did not take. */
export abstract class AlertDeadLetters extends JobDeadLetters<AlertJob> {
  protected subjectOf({ notification }: AlertJob): DeadLetterSubject {
    const { vendor, eventId, correlationId, subject } = notification;
    return { vendor, kind: null, eventId, entityId: subject?.id ?? null, correlationId, replayOf: null };
  }

  /** The message as agents got it, and the name of the target; its address is in the configuration only. */
  protected payloadOf({ target, notification }: AlertJob): Json {
    return JSON.parse(JSON.stringify({ target, notification })) as Json;
  }
}
