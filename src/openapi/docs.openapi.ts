import { apiDoc } from './documented.decorator.js';
import { text } from './schema.js';

export const DOCS_API = apiDoc({
  tag: { name: 'Documents', description: 'What this service says of itself.' },
  path: { file: text('A file of the page at `/docs`.') },
  routes: {
    page: {
      summary: 'This document, for people',
      answers: {
        200: { description: 'A page.', content: { 'text/html': { schema: { type: 'string' } } } },
      },
    },
    json: {
      summary: 'This document, for programs',
      answers: {
        200: {
          description: 'OpenAPI 3.1, of what the role of this process serves.',
          content: {
            'application/json': {
              schema: {
                type: 'object',
                required: ['openapi', 'info', 'paths'],
                properties: {
                  openapi: { type: 'string', pattern: '^3\\.1\\.\\d+$' },
                  info: { type: 'object' },
                  paths: { type: 'object' },
                },
                additionalProperties: true,
              },
            },
          },
        },
      },
    },
    file: {
      summary: 'Scripts and styles of the page',
      answers: {
        200: {
          description: 'The file.',
          content: {
            'text/javascript': { schema: { type: 'string' } },
            'text/css': { schema: { type: 'string' } },
          },
        },
      },
      errors: ['REQUEST.NOT_FOUND'],
    },
  },
});
