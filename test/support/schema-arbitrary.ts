import fc from 'fast-check';

type Schema = Readonly<Record<string, unknown>>;
type Named = Readonly<Record<string, object>>;

/** Values that match a JSON Schema, as far as the document of this service uses it. */
export function valuesOf(schema: object, named: Named): fc.Arbitrary<unknown> {
  const { $ref, anyOf, allOf, enum: values, const: value, type } = schema as Schema;
  if (typeof $ref === 'string') return valuesOf(named[$ref.split('/').at(-1) ?? ''] ?? {}, named);
  if (Array.isArray(anyOf)) return fc.oneof(...(anyOf as object[]).map((part) => valuesOf(part, named)));
  if (Array.isArray(allOf)) return valuesOf((allOf as object[])[0] ?? {}, named);
  if (Array.isArray(values)) return fc.constantFrom(...(values as unknown[]));
  if (value !== undefined) return fc.constant(value);
  if (Array.isArray(type)) {
    return fc.oneof(...(type as string[]).map((one) => valuesOf({ ...schema, type: one }, named)));
  }
  return ofType(schema as Schema, named);
}

function ofType(schema: Schema, named: Named): fc.Arbitrary<unknown> {
  switch (schema.type) {
    case 'string':
      return texts(schema);
    case 'integer':
      return fc.integer(range(schema));
    case 'number':
      return fc.double({ noNaN: true, ...range(schema) });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(valuesOf((schema.items as object | undefined) ?? {}, named), {
        minLength: (schema.minItems as number | undefined) ?? 0,
        maxLength: 5,
      });
    case 'object':
      return objects(schema, named);
    default:
      return fc.jsonValue();
  }
}

function texts({ pattern, minLength = 0, maxLength = 40, format }: Schema): fc.Arbitrary<string> {
  if (format === 'date-time') return fc.date({ noInvalidDate: true }).map((date) => date.toISOString());
  if (typeof pattern === 'string') return fc.stringMatching(new RegExp(pattern));
  const length = { minLength: minLength as number, maxLength: Math.min(maxLength as number, 60) };
  return fc.oneof(fc.string(length), fc.string({ ...length, unit: 'binary' }));
}

function range({ minimum, maximum }: Schema): { min?: number; max?: number } {
  return {
    ...(typeof minimum === 'number' && { min: minimum }),
    ...(typeof maximum === 'number' && { max: maximum }),
  };
}

function objects({ properties = {}, required = [] }: Schema, named: Named): fc.Arbitrary<object> {
  const fields = Object.entries(properties as Record<string, object>);
  const model = Object.fromEntries(fields.map(([name, schema]) => [name, valuesOf(schema, named)]));
  return fc.record(model, { requiredKeys: required as string[], noNullPrototype: true });
}

/** Texts that break what trusts them: encodings, prototypes, paths, queries, sizes, and what looks like a number. */
export const HOSTILE_TEXTS: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    ...[
      '',
      ' ',
      '\u0000',
      '\ud800',
      '\u202e',
      '😀'.repeat(70),
      'null',
      'undefined',
      'NaN',
      '-1',
      '0',
      '1e999',
    ],
    ...[
      '99999999999999999999',
      '-0',
      '0x10',
      'true',
      '[]',
      '{}',
      '__proto__',
      'constructor',
      'toString',
      '*',
      '.',
    ],
    ...[
      "'; DROP TABLE GONG_WEBHOOKS_RAW; --",
      '../../etc/passwd',
      '..',
      '%00',
      '%',
      '${7*7}',
      '{{7*7}}',
      '\r\nX: 1',
    ],
    ...['2026-02-30', '2026-W10', '2026', '0000-01-01', '9999-12-31T23:59:59Z', '+275760-09-13T00:00:00Z'],
    ...[
      '0001-01-01',
      '2026-03-04T10:00',
      '2026-03-04T24:00:00Z',
      'events',
      'warehouse',
      'events.',
      '.x',
      'a.b.c',
    ],
    ...[
      'x'.repeat(257),
      'x'.repeat(2_000),
      'é'.repeat(300),
      '<script>alert(1)</script>',
      '0-0',
      '1-1',
      ':',
      'a:b',
    ],
    ...['eyJ9', 'W10', 'WyIiLCIiXQ', 'fHw', 'MjAyNi0wMy0wNHww', 'LTF8YQ', 'bnVsbA'],
  ),
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.string({ maxLength: 80 }),
);

/** Values of the wrong type or size, for any field. */
export const HOSTILE_VALUES: fc.Arbitrary<unknown> = fc.oneof(
  HOSTILE_TEXTS,
  fc.constantFrom<unknown>(
    null,
    true,
    false,
    -1,
    0,
    1.5,
    1e308,
    2 ** 53,
    -(2 ** 31) - 1,
    [],
    {},
    [[]],
    [null],
  ),
  fc.constantFrom<unknown>({ $gt: '' }, { length: 1e9 }, { toString: 1 }, { constructor: { prototype: {} } }),
  fc.jsonValue({ maxDepth: 3 }),
);
