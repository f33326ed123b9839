import { apiDoc } from '../../openapi/documented.decorator.js';
import { text } from '../../openapi/schema.js';

const TYPES = [
  'text/css',
  'text/javascript',
  'application/json',
  'image/png',
  'image/svg+xml',
  'image/x-icon',
];
const FILES = Object.fromEntries(TYPES.map((type) => [type, { schema: {} }]));

export const BOARD_API = apiDoc({
  tag: { name: 'Queues', description: 'Their state, and the brake.' },
  path: {
    queue: text('Name of a queue.', { examples: ['events'] }),
    job: text('Id of a job.'),
    path: text('What the page of the board asks for.'),
  },
  routes: {
    page: {
      summary: 'A page of Bull Board',
      answers: {
        200: { description: 'The page.', content: { 'text/html': { schema: { type: 'string' } } } },
      },
    },
    api: {
      summary: 'What the page of Bull Board asks',
      description: 'Its own form, which changes with its versions: nothing to build on.',
      answers: {
        200: {
          description: 'As Bull Board has it.',
          content: { 'application/json': { schema: {} }, 'text/plain': { schema: { type: 'string' } } },
        },
      },
      errors: ['REQUEST.NOT_FOUND', 'REQUEST.INVALID'],
    },
    asset: {
      summary: 'Scripts, styles and pictures of Bull Board',
      answers: { 200: { description: 'The file.', content: FILES } },
      errors: ['REQUEST.NOT_FOUND'],
    },
  },
});
