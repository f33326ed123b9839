import type { RulesReload } from '../contracts/ports/rules-control.port.js';
import { apiDoc, checkedClass, json } from '../openapi/documented.decorator.js';
import { objectOf, ref, text } from '../openapi/schema.js';
import { LimitQuery } from './page.query.js';
import { LIMIT_FIELD } from './query-fields.openapi.js';

export const INSIGHTS_API = apiDoc({
  tag: { name: 'Insights', description: 'What was found lately, and the rules by which it is found.' },
  routes: {
    list: {
      summary: 'Recent insights with their evidence, the newest first',
      query: checkedClass(LimitQuery, LIMIT_FIELD),
      answers: {
        200: json('As agents heard them.', {
          type: 'object',
          required: ['items'],
          properties: { items: { type: 'array', items: ref('Message') } },
        }),
      },
    },
    reload: {
      summary: 'Take the edited rule files, all or nothing',
      description:
        'Where a file is wrong nothing changes, and `detail` names file and line of every problem.',
      answers: {
        200: json(
          'The hashes of the rules; equal where nothing was edited.',
          objectOf<RulesReload>({ before: text('Until now.'), after: text('From now on.') }),
          { before: '4f1c2b7a', after: '9d03e5c1' },
        ),
      },
      errors: ['REQUEST.INVALID'],
    },
  },
});
