import { apiDoc } from '../openapi/documented.decorator.js';
import type { Schema } from '../openapi/schema.js';
import { MESSAGE_SCHEMA } from './message-schema.js';

const { $schema: _schema, $id: _id, $defs, ...MESSAGE } = MESSAGE_SCHEMA;

/** Names that no other schema of the document has. */
const nameOf = (definition: string) => `Message${definition.charAt(0).toUpperCase()}${definition.slice(1)}`;

/** The same schema with references as OpenAPI has them. */
function inDocument(schema: object): Schema {
  const moved = JSON.stringify(schema).replace(
    /"#\/\$defs\/(\w+)"/g,
    (_all, name: string) => `"#/components/schemas/${nameOf(name)}"`,
  );
  return JSON.parse(moved) as Schema;
}

export const MESSAGE_SCHEMA_API = apiDoc({
  tag: { name: 'Documents', description: 'What this service says of itself.' },
  schemas: {
    Message: inDocument(MESSAGE),
    ...Object.fromEntries(Object.entries($defs).map(([name, schema]) => [nameOf(name), inDocument(schema)])),
  },
  routes: {
    schema: {
      summary: 'JSON Schema of the messages that agents hear',
      answers: {
        200: {
          description: 'Draft 2020-12.',
          content: {
            'application/schema+json': {
              schema: {
                type: 'object',
                required: ['$schema', '$id', 'properties'],
                properties: {
                  $schema: { type: 'string' },
                  $id: { type: 'string' },
                  properties: { type: 'object' },
                },
                additionalProperties: true,
              },
            },
          },
        },
      },
    },
  },
});
