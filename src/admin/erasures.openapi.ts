import type { Erasure } from '../contracts/ports/erasures.port.js';
import { apiDoc, checkedClass, json } from '../openapi/documented.decorator.js';
import { count, mapOf, nullable, objectOf, oneOf, ref, text, time } from '../openapi/schema.js';
import { ErasureRequest } from './erasure.request.js';

const ERASURE: Erasure = {
  id: '1f3870be274f6c49',
  status: 'done',
  addressHash: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  by: 'anna',
  requestedAt: '2026-03-04T14:22:00.345Z',
  endedAt: '2026-03-04T14:22:09.118Z',
  counts: { warehouse: { GONG_CALLS_ENHANCED: 2 }, notifications: { messages: 3 } },
  problem: null,
};

const anErasure = (description: string) => json(description, ref('Erasure'), ERASURE);

export const ERASURES_API = apiDoc({
  tag: { name: 'Erasures', description: 'Forget one person everywhere, on the record and without the data.' },
  path: { id: text('Id of an erasure.', { examples: [ERASURE.id] }) },
  schemas: {
    Erasure: objectOf<Erasure>({
      id: text('Of the erasure.'),
      status: oneOf(['waiting', 'running', 'done'], 'It is never given up.'),
      addressHash: text('Keyed hash of the address: the same address has the same one.'),
      by: text('Name of the token that asked for it.'),
      requestedAt: time('When.'),
      endedAt: nullable(time('When it was done.')),
      counts: mapOf(mapOf(count('How many.'), 'By what it is.'), 'What was removed or emptied, by place.'),
      problem: nullable(
        objectOf<{ code: string; message: string }>(
          { code: text('Stable.'), message: text('In words.') },
          { description: 'Why it waits.' },
        ),
      ),
    }),
  },
  routes: {
    start: {
      summary: 'Forget a person',
      description: 'In queues, tables, messages, alerts and memory. What arrives later is new data.',
      body: {
        ...checkedClass(ErasureRequest, { email: 'Address of the person.' }),
        examples: { person: { email: 'ana.silva@example.com' } },
      },
      answers: { 202: anErasure('It is queued, or one of the same address is under way.') },
    },
    list: {
      summary: 'The erasures, the newest first',
      answers: {
        200: json(
          'At most a hundred.',
          {
            type: 'object',
            required: ['items'],
            properties: { items: { type: 'array', items: ref('Erasure') } },
          },
          { items: [ERASURE] },
        ),
      },
    },
    one: {
      summary: 'One erasure with its progress',
      answers: { 200: anErasure('As it is now.') },
      errors: ['REQUEST.NOT_FOUND'],
    },
  },
});
