/** A JSON Schema of draft 2020-12, as OpenAPI 3.1 has them. */
export type Schema = { readonly [keyword: string]: unknown; readonly optional?: never };

/** A schema that says what it means. */
export type Described = Schema & { readonly description: string };

/** A property that may be left out. */
export interface OptionalSchema {
  readonly optional: Schema;
}

/** One schema for each property of a type: a property that is not described does not compile. */
export type PropertiesOf<T extends object> = {
  readonly [Key in keyof T]-?: undefined extends T[Key] ? OptionalSchema : Schema;
};

/** A type whose properties are all there, but for those that are {@link optional}. Others may be added any time. */
export function objectOf<T extends object>(properties: PropertiesOf<T>, more: Schema = {}): Schema {
  const entries = Object.entries<OptionalSchema | Schema>(properties);
  const isOptional = (schema: OptionalSchema | Schema): schema is OptionalSchema =>
    schema.optional !== undefined;
  const required = entries.filter(([, schema]) => !isOptional(schema)).map(([name]) => name);
  return {
    type: 'object',
    ...more,
    properties: Object.fromEntries(
      entries.map(([name, schema]) => [name, isOptional(schema) ? schema.optional : schema]),
    ),
    ...(required.length > 0 && { required }),
  };
}

export function optional(schema: Schema): OptionalSchema {
  return { optional: schema };
}

export function nullable(schema: Schema): Schema {
  const { type, enum: values } = schema;
  if (typeof type !== 'string' || values !== undefined) return { anyOf: [schema, { type: 'null' }] };
  return { ...schema, type: [type, 'null'] };
}

export function text(description: string, more: Schema = {}): Described {
  return { type: 'string', description, ...more };
}

/** A whole number that is not negative. */
export function count(description: string, more: Schema = {}): Described {
  return { type: 'integer', minimum: 0, description, ...more };
}

export function flag(description: string): Described {
  return { type: 'boolean', description };
}

/** ISO 8601 in UTC, as JavaScript writes it. */
export function time(description: string): Described {
  return { type: 'string', format: 'date-time', description };
}

export function oneOf(values: readonly string[], description: string): Described {
  return { type: 'string', enum: values, description };
}

export function exactly(value: string | number | boolean): Schema {
  return { const: value };
}

export function listOf(items: Schema, description: string): Described {
  return { type: 'array', items, description };
}

/** An object whose names are not known before. */
export function mapOf(values: Schema, description: string): Described {
  return { type: 'object', additionalProperties: values, description };
}

/** Any JSON value. */
export function anything(description: string): Described {
  return { description };
}

/** A schema that some controller contributes under this name. */
export function ref(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}
