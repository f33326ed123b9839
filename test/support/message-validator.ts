import addFormats from 'ajv-formats';
import { Ajv2020 } from 'ajv/dist/2020.js';

interface Schema {
  [keyword: string]: unknown;
}

export interface MessageValidator {
  readonly schema: Schema;
  /** What the schema says against a message; nothing where it is right. */
  problems(message: unknown): readonly unknown[];
}

/**
 * The messages as the service documents them at `GET /docs/messages`, with every object closed, so that a field
 * which is not documented fails. Ours only: agents must take new fields.
 */
export async function messageValidator(serviceUrl: string): Promise<MessageValidator> {
  const schema = (await (await fetch(`${serviceUrl}/docs/messages`)).json()) as Schema;
  const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true });
  addFormats.default(ajv);
  if (!ajv.validateSchema(schema)) throw new Error('the schema of the messages is no JSON Schema');
  const validate = ajv.compile(closed(schema) as Schema);
  return { schema, problems: (message) => (validate(message) ? [] : (validate.errors ?? [])) };
}

function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema as Schema).map(([key, value]) => [key, closed(value)] as const);
  const isWhole = 'properties' in schema && 'type' in schema;
  return Object.fromEntries([...entries, ...(isWhole ? [['additionalProperties', false] as const] : [])]);
}
