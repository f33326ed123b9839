import type { AccessLevel } from '../access/access-request.js';
import type { ProblemCode } from '../contracts/problems.js';
import { fieldsOf, schemaOfClass } from './class-schema.js';
import type { AnswerDoc, ApiDoc, ContentDoc, RouteDoc } from './documented.decorator.js';
import { COMMON_HEADERS, problemAnswers } from './problem-answers.js';
import { SCHEMES_OF_LEVEL } from './security-schemes.js';

/** A route as its controller declares it. */
export interface FoundRoute {
  /** Upper case. */
  readonly method: string;
  /** As OpenAPI writes it: `/admin/events/{id}`. */
  readonly path: string;
  /** `Events.one`, of class and method. */
  readonly name: string;
  /** Of its guard; null where it has none of ours. */
  readonly level: AccessLevel | null;
}

const PATH_PARAMETER = /\{(\w+)\}/g;

/** The Operation Object of a route. */
export function operationOf(route: FoundRoute, api: ApiDoc, doc: RouteDoc): object {
  const { summary, description } = doc;
  return {
    operationId: route.name,
    tags: [api.tag.name],
    summary,
    ...(description !== undefined && { description }),
    parameters: parametersOf(route, api, doc),
    ...requestBodyOf(doc),
    responses: {
      ...Object.fromEntries(
        Object.entries(doc.answers).map(([status, answer]) => [status, answerOf(answer)]),
      ),
      ...problemAnswers(codesOf(route, doc)),
    },
    security: securityOf(route, doc),
  };
}

function parametersOf({ path }: FoundRoute, api: ApiDoc, { query, parameters = [] }: RouteDoc): object[] {
  const inPath = [...path.matchAll(PATH_PARAMETER)].map(([, name = '']) => {
    const { description, ...schema } = api.path?.[name] ?? { description: '' };
    return { name, in: 'path', required: true, description, schema: { type: 'string', ...schema } };
  });
  const inQuery = (query === undefined ? [] : fieldsOf(query)).map(({ name, isRequired, schema }) => {
    const { description, ...rest } = schema;
    return { name, in: 'query', required: isRequired, description, schema: rest };
  });
  return [...inPath, ...inQuery, ...parameters];
}

function requestBodyOf({ body, rawBody }: RouteDoc): { requestBody?: object } {
  if (rawBody !== undefined) {
    const { description, isOptional = false } = rawBody;
    return { requestBody: { required: !isOptional, description, content: contentOf(rawBody) } };
  }
  if (body === undefined) return {};
  const schema = schemaOfClass(body);
  const media = { schema, ...(body.examples !== undefined && { examples: body.examples }) };
  const content = contentOf({ description: '', content: { 'application/json': media } });
  return { requestBody: { required: schema.required !== undefined, content } };
}

function answerOf(answer: AnswerDoc): object {
  const own = Object.entries(answer.headers ?? {}).map(
    ([name, schema]) => [name, { required: true, schema }] as const,
  );
  const headers = { ...COMMON_HEADERS, ...Object.fromEntries(own) };
  return { description: answer.description, headers, content: contentOf(answer) };
}

function contentOf({ content }: ContentDoc): object {
  return Object.fromEntries(
    Object.entries(content).map(([type, { schema, examples = {} }]) => {
      const named = Object.entries(examples).map(([name, value]) => [name, { value }] as const);
      return [type, { schema, ...(named.length > 0 && { examples: Object.fromEntries(named) }) }];
    }),
  );
}

/** What guard, path and body bring with them, and what the route says. */
function codesOf({ method, path, level }: FoundRoute, doc: RouteDoc): ProblemCode[] {
  const codes: ProblemCode[] = ['INTERNAL', ...(doc.errors ?? [])];
  if (level !== null) codes.push('ACCESS.DENIED', 'ACCESS.NOT_CONFIGURED', 'ACCESS.TOO_MANY_FAILURES');
  if (level === 'admin') codes.push('ACCESS.FORBIDDEN');
  // An address whose encoding cannot be read, or with a part longer than any id.
  if (path.includes('{')) codes.push('REQUEST.INVALID', 'REQUEST.URI_TOO_LONG');
  if (method !== 'GET') codes.push('REQUEST.TOO_LARGE', 'REQUEST.UNSUPPORTED_MEDIA_TYPE');
  if (doc.query !== undefined) codes.push('REQUEST.INVALID');
  if (doc.body !== undefined) codes.push('REQUEST.INVALID', 'PAYLOAD.NOT_JSON');
  return codes;
}

function securityOf({ level }: FoundRoute, { security }: RouteDoc): Record<string, readonly string[]>[] {
  const schemes = security ?? (level === null ? [] : SCHEMES_OF_LEVEL[level]);
  return schemes.map((scheme) => (scheme === 'body' ? {} : { [scheme]: [] }));
}
