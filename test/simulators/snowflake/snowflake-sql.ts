/**
 * Snowflake's SQL as DuckDB understands it, as far as the service speaks it. It works on tokens, so that
 * nothing inside a string literal is ever touched. A statement of a form that is not known here goes to
 * DuckDB as it is, and fails there.
 */
export type StatementKind =
  'select' | 'insert' | 'update' | 'delete' | 'merge' | 'ddl' | 'session' | 'transaction';

export interface TranslatedStatement {
  readonly kind: StatementKind;
  /** The driver reads from this number whether a statement changes rows (facts: its result protocol). */
  readonly typeId: number;
  readonly sql: string;
  /** The table that a changing statement changes; null for all others. */
  readonly target: string | null;
}

interface Token {
  readonly type: 'text' | 'quoted' | 'space' | 'word' | 'number' | 'sign';
  readonly value: string;
}

const TYPE_IDS: Record<StatementKind, number> = {
  select: 0x1000,
  insert: 0x3100,
  update: 0x3200,
  delete: 0x3300,
  merge: 0x3400,
  session: 0x4000,
  transaction: 0x5400,
  ddl: 0x6000,
};

const TOKENS =
  /('(?:[^']|'')*')|("(?:[^"]|"")*")|(--[^\n]*|\/\*[\s\S]*?\*\/|\s+)|([A-Za-z_][\w$]*)|(\d+(?:\.\d+)?)|(::|=>|<=|>=|<>|!=|\|\||.)/g;
const TOKEN_TYPES = ['text', 'quoted', 'space', 'word', 'number', 'sign'] as const;

const TYPES: Record<string, string> = {
  VARIANT: 'JSON',
  OBJECT: 'JSON',
  ARRAY: 'JSON',
  STRING: 'VARCHAR',
  NUMBER: 'DECIMAL(38,0)',
  FLOAT: 'DOUBLE',
  TIMESTAMP_TZ: 'TIMESTAMPTZ',
  TIMESTAMP_NTZ: 'TIMESTAMP',
};
const JSON_TYPES = new Set(['VARIANT', 'OBJECT', 'ARRAY']);

/** Clauses without a meaning here: how long Snowflake keeps old versions, comments, keys it does not enforce. */
const IGNORED_CLAUSES = [
  /\bDATA_RETENTION_TIME_IN_DAYS\s*=\s*\d+/gi,
  /\bCOPY\s+GRANTS\b/gi,
  /\bTRANSIENT\b/gi,
  /,?\s*(?:CONSTRAINT\s+\w+\s+)?PRIMARY\s+KEY\s*\([^)]*\)(?:\s+NOT\s+ENFORCED)?/gi,
];

/** Functions that DuckDB lacks, made for each session. */
export const MACROS = [
  'CREATE OR REPLACE TEMP MACRO parse_json(x) AS x::JSON',
  'CREATE OR REPLACE TEMP MACRO try_parse_json(x) AS TRY_CAST(x AS JSON)',
  'CREATE OR REPLACE TEMP MACRO regexp_instr(x, pattern) AS CASE WHEN regexp_matches(x, pattern) THEN 1 ELSE 0 END',
];

/** @param sql one statement. */
export function translate(sql: string): TranslatedStatement {
  const tokens = tokensOf(sql.trim().replace(/;\s*$/, ''));
  const kind = kindOf(tokens);
  const parts = kind === 'ddl' ? tokensOf(withoutIgnoredClauses(textOf(tokens))) : tokens;
  const translated = textOf(renameTypes(readPaths(unwrapFunctions(parts))));
  return {
    kind,
    typeId: TYPE_IDS[kind],
    sql: kind === 'merge' ? `${translated} RETURNING merge_action` : translated,
    target: targetOf(kind, tokens),
  };
}

function tokensOf(sql: string): Token[] {
  const tokens: Token[] = [];
  for (const match of sql.matchAll(TOKENS)) {
    const index = TOKEN_TYPES.findIndex((_type, place) => match[place + 1] !== undefined);
    const type = TOKEN_TYPES[index] ?? 'sign';
    tokens.push({ type, value: type === 'space' ? ' ' : match[0] });
  }
  while (tokens[0]?.type === 'space') tokens.shift();
  return tokens;
}

const textOf = (tokens: readonly Token[]) => tokens.map(({ value }) => value).join('');

const word = (token?: Token) => (token?.type === 'word' ? token.value.toUpperCase() : token?.value);

const KINDS = new Map<string, StatementKind>([
  ['SELECT', 'select'],
  ['WITH', 'select'],
  ['INSERT', 'insert'],
  ['UPDATE', 'update'],
  ['DELETE', 'delete'],
  ['MERGE', 'merge'],
  ['BEGIN', 'transaction'],
  ['COMMIT', 'transaction'],
  ['ROLLBACK', 'transaction'],
  ['USE', 'session'],
  ['ALTER', 'session'],
]);

function kindOf(tokens: readonly Token[]): StatementKind {
  const isOfTable = word(tokens[0]) === 'ALTER' && word(tokens[skipSpace(tokens, 1)]) === 'TABLE';
  return isOfTable ? 'ddl' : (KINDS.get(word(tokens[0]) ?? '') ?? 'ddl');
}

function targetOf(kind: StatementKind, tokens: readonly Token[]): string | null {
  if (!['insert', 'update', 'delete', 'merge'].includes(kind)) return null;
  const words = tokens.filter(({ type }) => type === 'word').map((token) => word(token) ?? '');
  return words.find((name, index) => index > 0 && !['INTO', 'FROM'].includes(name)) ?? null;
}

function withoutIgnoredClauses(sql: string): string {
  return IGNORED_CLAUSES.reduce((text, clause) => text.replace(clause, ''), sql);
}

/** Index of the token after the one that closes the parenthesis at `open`. */
function afterClosing(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let index = open; index < tokens.length; index += 1) {
    if (tokens[index]?.value === '(') depth += 1;
    if (tokens[index]?.value === ')') depth -= 1;
    if (depth === 0) return index + 1;
  }
  return tokens.length;
}

function skipSpace(tokens: readonly Token[], from: number): number {
  let index = from;
  while (tokens[index]?.type === 'space') index += 1;
  return index;
}

/**
 * `TABLE(FLATTEN(INPUT => x))` and `LATERAL FLATTEN(INPUT => x)` become `json_each(x)`; `CURRENT_TIMESTAMP()`
 * loses its parentheses; `LISTAGG(x, '') WITHIN GROUP (ORDER BY y)` becomes `string_agg(x, '' ORDER BY y)`.
 */
function unwrapFunctions(tokens: readonly Token[]): Token[] {
  const out: Token[] = [];
  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index];
    if (token === undefined) break;
    const next = skipSpace(tokens, index + 1);
    const name = word(token);
    const isCall = token.type === 'word' && tokens[next]?.value === '(';
    if (name === 'LATERAL' && word(tokens[next]) === 'FLATTEN') continue;
    if (isCall && name === 'TABLE' && word(tokens[skipSpace(tokens, next + 1)]) === 'FLATTEN') {
      const end = afterClosing(tokens, next);
      out.push(...unwrapFunctions(tokens.slice(next + 1, end - 1)));
      index = end - 1;
    } else if (isCall && name === 'FLATTEN') {
      const end = afterClosing(tokens, next);
      out.push({ type: 'word', value: 'json_each' }, ...withoutArgumentName(tokens.slice(next, end)));
      index = end - 1;
    } else if (isCall && name === 'CURRENT_TIMESTAMP') {
      out.push(token);
      index = afterClosing(tokens, next) - 1;
    } else if (isCall && name === 'LISTAGG') {
      const end = afterClosing(tokens, next);
      const group = tokens.findIndex((candidate, place) => place > end && candidate.value === '(');
      const groupEnd = afterClosing(tokens, group);
      const order = tokens.slice(group + 1, groupEnd);
      out.push(
        { type: 'word', value: 'string_agg' },
        ...tokens.slice(next, end - 1),
        { type: 'space', value: ' ' },
        ...order,
      );
      index = groupEnd - 1;
    } else {
      out.push(token);
    }
  }
  return out;
}

/** `(INPUT => x)` as `(x)`. */
function withoutArgumentName(call: readonly Token[]): readonly Token[] {
  const arrow = call.findIndex(({ value }) => value === '=>');
  return arrow === -1 ? call : [{ type: 'sign', value: '(' }, ...call.slice(arrow + 1)];
}

/** `a.b:c.d[0]::VARCHAR` becomes `(a.b->>'$."c"."d"[0]')::VARCHAR`; uncast or cast to JSON it is `->`. */
function readPaths(tokens: readonly Token[]): Token[] {
  const out: Token[] = [];
  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index];
    if (token === undefined) break;
    if (!isPathStart(tokens, index, out)) {
      out.push(token);
      continue;
    }
    const { path, end } = pathAt(tokens, index);
    const owner = out.splice(ownerStart(out));
    const cast = skipSpace(tokens, end);
    const type = tokens[cast]?.value === '::' ? word(tokens[skipSpace(tokens, cast + 1)]) : undefined;
    const arrow = type === undefined || JSON_TYPES.has(type) ? '->' : '->>';
    out.push({ type: 'sign', value: `(${textOf(owner)}${arrow}'$${path}')` });
    index = end - 1;
  }
  return out;
}

const isName = (token?: Token) => token?.type === 'word' || token?.type === 'quoted';

function isPathStart(tokens: readonly Token[], index: number, before: readonly Token[]): boolean {
  const isIndex = tokens[index]?.value === '[' && tokens[index + 1]?.type === 'number';
  const isColon = tokens[index]?.value === ':' && isName(tokens[index + 1]);
  const last = before.at(-1);
  return (isIndex || isColon) && (isName(last) || last?.value === ')');
}

function pathAt(tokens: readonly Token[], start: number): { path: string; end: number } {
  let path = '';
  let index = start;
  for (;;) {
    const [sign, key, close] = tokens.slice(index, index + 3);
    if ((sign?.value === ':' || sign?.value === '.') && key !== undefined && isName(key)) {
      path += `."${key.value.replaceAll('"', '')}"`;
      index += 2;
    } else if (sign?.value === '[' && key?.type === 'number' && close?.value === ']') {
      path += `[${key.value}]`;
      index += 3;
    } else {
      return { path, end: index };
    }
  }
}

/** Where the operand that a path hangs on begins: `a`, `a.b`, or a call. */
function ownerStart(tokens: readonly Token[]): number {
  let index = tokens.length - 1;
  if (tokens[index]?.value === ')') {
    let depth = 0;
    for (; index >= 0; index -= 1) {
      if (tokens[index]?.value === ')') depth += 1;
      if (tokens[index]?.value === '(') depth -= 1;
      if (depth === 0) break;
    }
    return tokens[index - 1]?.type === 'word' ? index - 1 : index;
  }
  while (tokens[index - 1]?.value === '.' && isName(tokens[index - 2])) index -= 2;
  return index;
}

/** Types after `::` and in column definitions; DuckDB's own take no length and no precision. */
function renameTypes(tokens: readonly Token[]): Token[] {
  const out: Token[] = [];
  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index];
    if (token === undefined) break;
    const type = token.type === 'word' ? TYPES[token.value.toUpperCase()] : undefined;
    if (type === undefined) {
      out.push(token);
      continue;
    }
    out.push({ type: 'word', value: type });
    const next = skipSpace(tokens, index + 1);
    if (tokens[next]?.value === '(') index = afterClosing(tokens, next) - 1;
  }
  return out;
}
