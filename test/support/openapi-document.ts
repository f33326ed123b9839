import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

export interface Media {
  readonly schema: object;
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly description: string;
  readonly schema: object;
}

export interface DocumentedAnswer {
  readonly headers: Readonly<Record<string, { readonly required?: boolean; readonly schema: object }>>;
  readonly content: Readonly<Record<string, Media>>;
}

export interface Operation {
  readonly operationId: string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly required: boolean; readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<Record<string, DocumentedAnswer>>;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
}

export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

/** An operation with its place. */
export interface Route {
  /** Upper case. */
  readonly method: string;
  /** With its parameters: `/admin/events/{id}`. */
  readonly path: string;
  readonly operation: Operation;
}

export function routesOf({ paths }: OpenApi): Route[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
}

/** `POST /admin/replays` */
export function nameOf({ method, path }: Pick<Route, 'method' | 'path'>): string {
  return `${method} ${path}`;
}

/**
 * The schemas of a document, for Ajv's strict mode. `isClosed`: a field that is not described is an error too. Programs
 * must not read them so, because fields may be added; a test must, or a description that lacks one would pass.
 */
export class DocumentSchemas {
  private readonly ajv = new Ajv2020({
    strict: true,
    allowUnionTypes: true,
    strictRequired: false,
    strictTypes: false,
    allErrors: true,
  });
  private readonly compiled = new Map<string, ValidateFunction>();

  constructor(
    { components }: OpenApi,
    private readonly isClosed: boolean,
  ) {
    addFormats.default(this.ajv);
    this.ajv.addSchema({ $id: 'components', $defs: this.prepared(components.schemas) });
  }

  /** What is wrong with a value; undefined where nothing is. */
  errorsOf(schema: object, value: unknown): string | undefined {
    const validate = this.compile(schema);
    return validate(value) ? undefined : this.ajv.errorsText(validate.errors);
  }

  compile(schema: object): ValidateFunction {
    const text = JSON.stringify(schema);
    const known = this.compiled.get(text);
    if (known !== undefined) return known;
    const made = this.ajv.compile(this.prepared(schema));
    this.compiled.set(text, made);
    return made;
  }

  private prepared(schema: object): object {
    const text = JSON.stringify(schema).replaceAll('"#/components/schemas/', '"components#/$defs/');
    return JSON.parse(text, (_key, value: unknown) => (this.isClosed ? closed(value) : value)) as object;
  }
}

/** An object with described fields takes no others, unless it says so. */
function closed(schema: unknown): unknown {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return schema;
  const { type, properties, additionalProperties } = schema as Record<string, unknown>;
  const isObject = [type].flat().includes('object') && typeof properties === 'object';
  return isObject && additionalProperties === undefined ? { ...schema, additionalProperties: false } : schema;
}
