import type { QueueState } from '../contracts/ports/queue-control.port.js';
import { type AnswerDoc, apiDoc, json } from '../openapi/documented.decorator.js';
import { count, exactly, flag, mapOf, objectOf, ref, text } from '../openapi/schema.js';

const EXAMPLE: QueueState = {
  name: 'events',
  isPaused: false,
  counts: { waiting: 0, prioritized: 2, active: 10, delayed: 31, failed: 0 },
};

const paused = (isPaused: boolean) =>
  objectOf<{ name: string; isPaused: boolean }>({ name: text('Of the queue.'), isPaused: exactly(isPaused) });

const LIST: AnswerDoc = {
  description: 'All queues.',
  content: {
    'application/json': {
      schema: {
        type: 'object',
        required: ['items'],
        properties: { items: { type: 'array', items: ref('QueueState') } },
      },
      examples: { queues: { items: [EXAMPLE] } },
    },
    'text/html': { schema: { type: 'string' } },
  },
};

export const QUEUES_API = apiDoc({
  tag: { name: 'Queues', description: 'Their state, and the brake.' },
  path: { name: text('Name of a queue, of those that the list has.', { examples: [EXAMPLE.name] }) },
  schemas: {
    QueueState: objectOf<QueueState>({
      name: text('For the address of its routes.'),
      isPaused: flag('Paused by an operator.'),
      counts: mapOf(count('Jobs.'), 'Jobs by state: waiting, prioritized, active, delayed, failed.'),
    }),
  },
  routes: {
    list: {
      summary: 'The queues',
      description: 'For who accepts `text/html` first, as browsers do, it is Bull Board, which only reads.',
      answers: { 200: LIST },
    },
    pause: {
      summary: 'Pause a queue',
      description:
        'Over all processes, and over their restarts. Webhooks are still accepted, until it is full.',
      answers: { 200: json('It is paused.', paused(true), { name: 'events', isPaused: true }) },
      errors: ['REQUEST.NOT_FOUND'],
    },
    resume: {
      summary: 'Resume a queue',
      answers: { 200: json('It runs.', paused(false), { name: 'events', isPaused: false }) },
      errors: ['REQUEST.NOT_FOUND'],
    },
  },
});
