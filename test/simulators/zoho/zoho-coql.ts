import type { CrmRecord } from './zoho-crm.data.js';
import { apiError, type SimulatorAnswer } from './zoho-errors.js';

const QUERY =
  /^select\s+(?<columns>.+?)\s+from\s+(?<module>\w+)(?:\s+where\s+(?<where>.+?))?(?:\s+order\s+by\s+(?<order>\w+)(?:\s+(?<direction>asc|desc))?)?(?:\s+limit\s+(?:(?<offset>\d+)\s*,\s*)?(?<limit>\d+))?\s*$/i;
const CONDITION =
  /^\(?\s*(?<field>[\w.]+)\s*(?<operator>>=|<=|=|>|<|in)\s*(?<value>\(.+\)|'[^']*'|\d+)\s*\)?$/i;

const MAX_ROWS = 2000;
const DEFAULT_ROWS = 200;

/** What a query costs: 1, 2 or 3 credits for a LIMIT up to 200, 1000 or 2000 (Zoho CRM v8: COQL limitations). */
export function coqlCredits(query: string): number {
  const rows = Number(QUERY.exec(query.trim())?.groups?.limit ?? DEFAULT_ROWS);
  if (rows <= 200) return 1;
  return rows <= 1000 ? 2 : 3;
}

/**
 * The part of COQL that a reader of records needs: columns, `and`-joined conditions, order and limit. A lookup
 * column returns its id only; at most 50 columns, 50 values of `in` and 2000 rows (Zoho CRM v8: COQL).
 */
export function coql(
  query: string,
  records: (module: string) => readonly CrmRecord[] | undefined,
): SimulatorAnswer {
  const parts = QUERY.exec(query.trim())?.groups;
  const columns = parts?.columns?.split(',').map((column) => column.trim()) ?? [];
  const limit = Number(parts?.limit ?? DEFAULT_ROWS);
  if (parts === undefined || columns.length > 50 || limit > MAX_ROWS) return syntaxError();
  const all = records(parts.module ?? '');
  if (all === undefined) return apiError('INVALID_QUERY', 400, 'invalid query formed', { reason: 'module' });
  const filters = (parts.where ?? '').split(/\s+and\s+/i).filter((text) => text !== '');
  const conditions = filters.map((text) => CONDITION.exec(text.trim())?.groups);
  if (conditions.some((condition) => condition === undefined || tooManyValues(condition)))
    return syntaxError();
  const found = all.filter((record) => conditions.every((condition) => holds(record, condition ?? {})));
  const sorted = parts.order === undefined ? found : sortedBy(found, parts.order, parts.direction === 'desc');
  const offset = Number(parts.offset ?? 0);
  const page = sorted.slice(offset, offset + limit);
  if (page.length === 0) return { status: 204, body: undefined };
  const data = page.map((record) => rowOf(record, columns));
  return {
    status: 200,
    body: { data, info: { count: data.length, more_records: sorted.length > offset + limit } },
  };
}

function tooManyValues({ value = '' }: Record<string, string>): boolean {
  return value.startsWith('(') && value.split(',').length > 50;
}

function holds(
  record: CrmRecord,
  { field = '', operator = '', value = '' }: Record<string, string>,
): boolean {
  const actual = cell(record, field);
  const texts = value
    .replace(/^\(|\)$/g, '')
    .split(',')
    .map((text) => text.trim().replace(/^'|'$/g, ''));
  const wanted = texts[0] ?? '';
  const isTime = /^\d{4}-\d\d-\d\dT/.test(wanted);
  const left = isTime ? Date.parse(String(actual)) : actual;
  const right = isTime ? Date.parse(wanted) : wanted;
  switch (operator.toLowerCase()) {
    case 'in':
      return texts.includes(String(actual));
    case '=':
      return String(left) === String(right);
    case '>':
      return Number(left) > Number(right);
    case '>=':
      return Number(left) >= Number(right);
    case '<':
      return Number(left) < Number(right);
    default:
      return Number(left) <= Number(right);
  }
}

/** The value of a column, a lookup as its id; `Account_Name.Account_Name` is the lookup's name. */
function cell(record: CrmRecord, column: string): unknown {
  const [field = '', inner] = column.split('.');
  const value = record[field];
  if (typeof value !== 'object' || value === null) return value;
  const lookup = value as Record<string, unknown>;
  return inner === undefined || inner === 'id' ? lookup.id : lookup.name;
}

function rowOf(record: CrmRecord, columns: readonly string[]): Record<string, unknown> {
  const row: Record<string, unknown> = { id: record.id };
  for (const column of columns) {
    const value = record[column.split('.')[0] ?? ''];
    const isLookup = typeof value === 'object' && value !== null && !column.includes('.');
    row[column] = isLookup ? { id: (value as Record<string, unknown>).id } : cell(record, column);
  }
  return row;
}

function sortedBy(records: readonly CrmRecord[], field: string, isDescending: boolean): CrmRecord[] {
  const direction = isDescending ? -1 : 1;
  return [...records].sort((a, b) => direction * String(a[field]).localeCompare(String(b[field])));
}

function syntaxError(): SimulatorAnswer {
  return apiError('SYNTAX_ERROR', 400, 'error occured while parsing the query', { line: 1 });
}
