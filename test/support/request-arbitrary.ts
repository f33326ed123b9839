import fc from 'fast-check';
import { nameOf, type OpenApi, type Parameter, type Route } from './openapi-document.js';
import { HOSTILE_TEXTS, HOSTILE_VALUES, valuesOf } from './schema-arbitrary.js';

/** Who asks: mostly somebody who may, or the request would never get further than the guard. */
export type Proof = 'right' | 'wrong' | 'none' | 'reader' | 'cookie';

/** A request, before it is proven. */
export interface OddRequest {
  readonly pathValues: Readonly<Record<string, string>>;
  readonly query: readonly (readonly [name: string, value: string])[];
  readonly headers: Readonly<Record<string, string>>;
  readonly contentType?: string;
  readonly body?: Buffer;
  readonly proof: Proof;
}

/** Of a part of the path: what follows goes over the wire as it is. */
export const RAW = 'raw:';

/** Ids that there are, so that more than "not found" is reached; by the name of the route's first segments. */
export type KnownIds = (route: Route) => readonly string[];

const JSON_TYPE = 'application/json';
const ODD_TYPES = [
  'text/plain',
  'application/xml',
  'multipart/form-data; boundary=x',
  'application/json5',
  ';',
  '*/*',
];
const TOO_LARGE = Buffer.alloc(150_000, 0x20);

/** Requests to a route: some as its document has them, most of them odd in one thing or all. */
export function requestsTo(route: Route, document: OpenApi, knownIds: KnownIds): fc.Arbitrary<OddRequest> {
  const { parameters, requestBody } = route.operation;
  const named = document.components.schemas;
  return fc.record(
    {
      pathValues: pathValues(parameters, knownIds(route)),
      query: queries(
        parameters.filter((parameter) => parameter.in === 'query'),
        named,
      ),
      headers: headers(parameters.filter((parameter) => parameter.in === 'header')),
      contentType: contentTypes(Object.keys(requestBody?.content ?? {})),
      body: bodies(requestBody, named, route.method),
      proof: fc.oneof(
        { weight: 12, arbitrary: fc.constant<Proof>('right') },
        { weight: 1, arbitrary: fc.constantFrom<Proof>('wrong', 'none', 'reader', 'cookie') },
      ),
    },
    {
      requiredKeys: [
        'pathValues',
        'query',
        'headers',
        'proof',
        ...(requestBody === undefined ? [] : ['body' as const]),
      ],
    },
  );
}

/** A request as the document has it, with its own example: tried first, so that every route is reached. */
export function plainRequest({ operation }: Route, document: OpenApi, ids: readonly string[]): OddRequest {
  const { parameters, requestBody } = operation;
  const required = parameters.filter((parameter) => parameter.in === 'query' && parameter.required === true);
  const sample = ({ schema }: Parameter) =>
    String(fc.sample(valuesOf(schema, document.components.schemas), { seed: 1, numRuns: 1 })[0]);
  const [contentType, media] = Object.entries(requestBody?.content ?? {})[0] ?? [];
  const [example] = Object.values(media?.examples ?? {});
  return {
    pathValues: Object.fromEntries(
      parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => [name, ids[0] ?? 'none']),
    ),
    query: required.map((parameter) => [parameter.name, sample(parameter)]),
    headers: {},
    ...(contentType !== undefined && {
      contentType,
      body: Buffer.from(JSON.stringify(example?.value ?? {})),
    }),
    proof: 'right',
  };
}

function pathValues(
  parameters: readonly Parameter[],
  ids: readonly string[],
): fc.Arbitrary<Record<string, string>> {
  const names = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name);
  // Without it the address would be that of another route.
  const hostile = HOSTILE_TEXTS.filter((text) => text !== '');
  const unreadable = fc.constantFrom('%zz', '%', '%ff', '%c0%af', '%ed%a0%80').map((text) => `${RAW}${text}`);
  const known = ids.length === 0 ? [] : [{ weight: 12, arbitrary: fc.constantFrom(...ids) }];
  const value = fc.oneof({ weight: 6, arbitrary: hostile }, { weight: 1, arbitrary: unreadable }, ...known);
  return fc.record(Object.fromEntries(names.map((name) => [name, value])), { noNullPrototype: true });
}

function queries(
  parameters: readonly Parameter[],
  named: OpenApi['components']['schemas'],
): fc.Arbitrary<OddRequest['query']> {
  const pairOf = ({ name, schema }: Parameter) => {
    const right = valuesOf(schema, named).map(String);
    const value = fc.oneof({ weight: 3, arbitrary: right }, { weight: 1, arbitrary: HOSTILE_TEXTS });
    return value.map((text) => [name, text] as const);
  };
  const unknown = fc.tuple(HOSTILE_TEXTS, HOSTILE_TEXTS);
  const pairs = parameters.map((parameter) => ({ weight: 6, arbitrary: pairOf(parameter) }));
  const more = fc.array(fc.oneof(...pairs, { weight: 1, arbitrary: unknown }), { maxLength: 3 });
  const required = parameters.filter((parameter) => parameter.required === true).map(pairOf);
  return fc.oneof(
    {
      weight: 5,
      arbitrary: fc.tuple(...required).chain((first) => more.map((rest) => distinct([...first, ...rest]))),
    },
    { weight: 1, arbitrary: more },
  );
}

function distinct(pairs: readonly (readonly [string, string])[]): readonly (readonly [string, string])[] {
  return [...new Map(pairs)];
}

/** Only what HTTP can carry; what it cannot never reaches the service. */
const HEADER_TEXTS = fc.oneof(
  fc.stringMatching(/^[\x21-\x7e]{0,80}$/),
  fc.constantFrom(
    'a'.repeat(65),
    'gong:calls@0-0',
    'gong:calls@9-9,gong:calls@1-1',
    '@',
    '0',
    'x@1-1',
    'gong:calls@-',
  ),
);

function headers(parameters: readonly Parameter[]): fc.Arbitrary<Record<string, string>> {
  const names = [
    ...parameters.map(({ name }) => name.toLowerCase()),
    'x-correlation-id',
    'accept',
    'traceparent',
  ];
  return fc.dictionary(fc.constantFrom(...names), HEADER_TEXTS, { maxKeys: 2, noNullPrototype: true });
}

function contentTypes(documented: readonly string[]): fc.Arbitrary<string> {
  const right = documented.length === 0 ? [JSON_TYPE] : documented;
  return fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...right, ...right.map((type) => `${type}; charset=utf-8`)) },
    { weight: 1, arbitrary: fc.constantFrom(...ODD_TYPES, 'application/x-www-form-urlencoded') },
  );
}

function bodies(
  requestBody: Route['operation']['requestBody'],
  named: OpenApi['components']['schemas'],
  method: string,
): fc.Arbitrary<Buffer | undefined> {
  if (method === 'GET') return fc.constant(undefined);
  const media = Object.values(requestBody?.content ?? {});
  const examples = media.flatMap(({ examples: all = {} }) => Object.values(all).map(({ value }) => value));
  const right = fc.oneof(
    fc.constantFrom<unknown>(...examples, {}),
    ...media.map(({ schema }) => valuesOf(schema, named)),
  );
  const asBytes = (value: unknown) => Buffer.from(JSON.stringify(value) ?? '');
  const form = fc.array(fc.tuple(HOSTILE_TEXTS, HOSTILE_TEXTS), { maxLength: 4 });
  return fc.oneof(
    { weight: 4, arbitrary: right.map(asBytes) },
    {
      weight: 5,
      arbitrary: fc.tuple(right, fc.nat(), HOSTILE_VALUES, HOSTILE_TEXTS).map(changed).map(asBytes),
    },
    { weight: 1, arbitrary: HOSTILE_VALUES.map(asBytes) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)) },
    { weight: 1, arbitrary: form.map((pairs) => Buffer.from(new URLSearchParams(pairs).toString())) },
    { weight: 1, arbitrary: fc.constantFrom(undefined, Buffer.alloc(0), TOO_LARGE, asBytes(deep(2_000))) },
  );
}

/** With one field changed, left out, or added; a field may be called __proto__. */
function changed([value, place, hostile, name]: [unknown, number, unknown, string]): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return hostile;
  const entries = Object.entries(value);
  const at = entries.length === 0 ? -1 : place % entries.length;
  switch (place % 3) {
    case 0:
      return Object.fromEntries(entries.map(([key, old], index) => [key, index === at ? hostile : old]));
    case 1:
      return Object.fromEntries(entries.filter((_entry, index) => index !== at));
    default:
      return Object.fromEntries([...entries, [place % 2 === 0 ? '__proto__' : name, hostile]]);
  }
}

function deep(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level += 1) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

/** What a counterexample is shown as. */
export function shown(route: Route, { body, ...rest }: OddRequest): string {
  return `${nameOf(route)} ${JSON.stringify({ ...rest, body: body?.toString().slice(0, 300) }).slice(0, 800)}`;
}
