import type { ProblemCode } from '../contracts/problems.js';
import { type AnswerDoc, json } from '../openapi/documented.decorator.js';
import { listOf, objectOf, oneOf, optional, ref, type Schema, text } from '../openapi/schema.js';
import type { WebhookAnswer } from './admission.js';

const eventId = text('sha256 in hex; for a duplicate the id of the first.', { pattern: '^[0-9a-f]{64}$' });

export const WEBHOOK_ANSWER: Schema = objectOf<WebhookAnswer>({
  status: oneOf(
    ['accepted', 'duplicate', 'ignored'],
    '`accepted`: durably queued, at least one of them new. `ignored`: a test delivery, nothing is kept.',
  ),
  eventIds: listOf(eventId, 'One for each record of the body.'),
  correlationId: text('In logs, rows and messages.'),
  events: optional(
    listOf(
      objectOf<NonNullable<WebhookAnswer['events']>[number]>({
        eventId,
        status: oneOf(['accepted', 'duplicate'], 'Of this one.'),
      }),
      'Only for a body with several records.',
    ),
  ),
});

const EXAMPLE: WebhookAnswer = {
  status: 'accepted',
  eventIds: ['0f4b7c61d2a93e58b6c07d1e9f2a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c'],
  correlationId: '3f0c2a4e-8a53-4e0f-9d5b-0c9b7f6f2a11',
};

export const WEBHOOK_ANSWERS: Readonly<Record<number, AnswerDoc>> = {
  200: json('Its events are on disk, whatever happens next.', ref('WebhookAnswer'), EXAMPLE),
};

/** What a webhook may be refused with, beside `SIGNATURE.*` of its vendor. */
export const WEBHOOK_ERRORS: readonly ProblemCode[] = [
  'PAYLOAD.NOT_JSON',
  'INTAKE.DISABLED',
  'INTAKE.QUEUE_FULL',
  'INTAKE.UNAVAILABLE',
];
