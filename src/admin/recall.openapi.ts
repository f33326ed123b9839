import type { Recollection } from '../contracts/ports/memory.port.js';
import { apiDoc, checkedClass, json } from '../openapi/documented.decorator.js';
import { nullable, objectOf, ref, text } from '../openapi/schema.js';
import { RecallQuery } from './recall.query.js';

const EXAMPLE: Recollection = {
  accountId: '4150868000004560001',
  accountName: 'Contoso Ltd',
  text: 'They asked for a discount of ten percent before the renewal.',
  score: 7.4,
};

export const RECALL_API = apiDoc({
  tag: { name: 'Memory', description: 'What the account memory answers, as agents would hear it.' },
  schemas: {
    Recollection: objectOf<Recollection>({
      accountId: nullable(text('Null where the memory does not say from where.')),
      accountName: nullable(text('Its name.')),
      text: text('What is remembered.'),
      score: {
        type: ['number', 'null'],
        description: 'Higher is better; null where the memory does not rank.',
      },
    }),
  },
  routes: {
    recall: {
      summary: 'Ask the memory',
      query: checkedClass(RecallQuery, {
        q: 'A question or words, e.g. `who wants a discount`.',
        limit: 'How many answers at most, up to 20; 5 unless given.',
      }),
      answers: {
        200: json(
          'The best answers first.',
          {
            type: 'object',
            required: ['items'],
            properties: { items: { type: 'array', items: ref('Recollection') } },
          },
          { items: [EXAMPLE] },
        ),
      },
      errors: [
        'MEMORY.UNAVAILABLE',
        'MEMORY.BUSY',
        'MEMORY.CONFLICT',
        'MEMORY.BUDGET_EXHAUSTED',
        'MEMORY.UNAUTHORIZED',
        'MEMORY.REFUSED',
        'MEMORY.PIPELINE_FAILED',
      ],
    },
  },
});
