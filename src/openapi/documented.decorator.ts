import 'reflect-metadata';
import type { ProblemCode } from '../contracts/problems.js';
import type { Described, Schema } from './schema.js';
import type { SecurityScheme } from './security-schemes.js';

/** Metadata key under which a controller carries its part of the document. */
export const API_DOC = 'route:openapi';

export interface MediaDoc {
  readonly schema: Schema;
  /** By name; each must match the schema (a test). */
  readonly examples?: Readonly<Record<string, unknown>>;
}

/** What a route takes or gives, by media type. */
export interface ContentDoc {
  readonly description: string;
  readonly content: Readonly<Record<string, MediaDoc>>;
}

export interface AnswerDoc extends ContentDoc {
  readonly headers?: Readonly<Record<string, Schema>>;
}

/** A class of the query or the body: its checks are read from its decorators, its meaning from here. */
export interface CheckedClass {
  readonly type: new () => object;
  readonly fields: Readonly<Record<string, FieldDoc>>;
}

/** What a field means, and where its decorators cannot tell, its schema. */
export type FieldDoc = string | Described;

export interface RouteDoc {
  /** In a few words; the list of routes shows it. */
  readonly summary: string;
  /** In Markdown. */
  readonly description?: string;
  readonly query?: CheckedClass;
  /** Parameters that no class checks. */
  readonly parameters?: readonly ParameterDoc[];
  /** A JSON body that a class checks; without required fields it may be left out. */
  readonly body?: CheckedClass & { readonly examples?: MediaDoc['examples'] };
  /** A body that no class checks. */
  readonly rawBody?: ContentDoc & { readonly isOptional?: boolean };
  /** By status. */
  readonly answers: Readonly<Record<number, AnswerDoc>>;
  /** Beside those that its guard, its path and its body bring with them. */
  readonly errors?: readonly ProblemCode[];
  /** Where the guard does not tell; one of them is enough. `body`: what proves the sender is in the body. */
  readonly security?: readonly (SecurityScheme | 'body')[];
}

export interface ParameterDoc {
  readonly name: string;
  readonly in: 'query' | 'header';
  readonly description: string;
  readonly schema: Schema;
  readonly example?: unknown;
}

/** A controller's part of the document; one file `*.openapi.ts` beside it. */
export interface ApiDoc<Routes extends string = string> {
  /** Heading under which its routes are listed, and what they are for. */
  readonly tag: { readonly name: string; readonly description: string };
  /** The parameters of its paths, by name. */
  readonly path?: Readonly<Record<string, Described>>;
  /** Schemas that any part may refer to by name (`ref`). */
  readonly schemas?: Readonly<Record<string, Schema>>;
  /** By the name of the controller's method. */
  readonly routes: Readonly<Record<Routes, RouteDoc>>;
}

/** Checks a part of the document, and knows its routes by name. */
export function apiDoc<Routes extends string>(doc: ApiDoc<Routes>): ApiDoc<Routes> {
  return doc;
}

/**
 * Describes the routes of a controller: `@Documented(EVENTS_API)`. Path, method, guard and the checks of bodies and
 * queries are read from the controller itself. A name that is no method does not compile; a route that is not
 * described fails a test.
 */
export function Documented<Routes extends string>(api: ApiDoc<Routes>) {
  return <Type extends new (...args: never[]) => Record<Routes, unknown>>(target: Type): void => {
    Reflect.defineMetadata(API_DOC, api, target);
  };
}

/** One field for each of the class: one that is not described does not compile. */
export function checkedClass<T extends object>(
  type: new () => T,
  fields: { readonly [Key in keyof T]-?: FieldDoc },
): CheckedClass {
  return { type, fields };
}

/** An answer of JSON. */
export function json(description: string, schema: Schema, example?: unknown): AnswerDoc {
  const examples = example === undefined ? {} : { examples: { example } };
  return { description, content: { 'application/json': { schema, ...examples } } };
}

/** A page of a list: the items, and where the next one begins. */
export function pageOf(items: Schema): Schema {
  return {
    type: 'object',
    required: ['items', 'nextCursor'],
    properties: {
      items: { type: 'array', items },
      nextCursor: {
        type: ['string', 'null'],
        description: 'For `cursor` of the next page; null on the last one.',
      },
    },
  };
}
