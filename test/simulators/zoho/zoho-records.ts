import { CRM_MODULES, type CrmModule, type CrmRecord, type ZohoCrmData } from './zoho-crm.data.js';
import { apiError, type SimulatorAnswer } from './zoho-errors.js';

interface RecordsRequest {
  /** After /crm/v8/, e.g. ['Accounts', '689…', 'Contacts']. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  readonly ifModifiedSince: string | undefined;
  /** Rows of one page at most: 200, and 25 inside a composite request. */
  readonly maxRows: number;
}

interface PageToken {
  readonly offset: number;
  /** The other parameters are frozen with the first page. */
  readonly frozen: string;
}

const MAX_FIELDS = 50;
const MAX_IDS_LENGTH = 1024;
const MAX_PAGES = 10;
const OPEN_VIEW = 'Activities_Chronological_View';
const CLOSED_VIEW = 'Activities_Chronological_View_History';
const ACTIVITIES: readonly CrmModule[] = ['Tasks', 'Events', 'Calls'];

/** GET of records (crm-oas v8.0 record.json, related_records.json). */
export class ZohoRecords {
  constructor(
    private readonly data: ZohoCrmData,
    private readonly now: () => Date = () => new Date(),
  ) {}

  answer({ path, query, ifModifiedSince, maxRows }: RecordsRequest): SimulatorAnswer {
    const [name = '', id, related] = path;
    if (!isModule(name) && name !== 'Activities') return INVALID_MODULE;
    if (id === 'deleted' && name !== 'Activities') return this.deleted(name, query, ifModifiedSince);
    if (related !== undefined && id !== undefined) {
      if (name === 'Activities') return INVALID_MODULE;
      return this.related(name, id, related, query, maxRows);
    }
    if (id !== undefined) return this.byId(name, id, query, ifModifiedSince);
    return this.list(this.rows(name), query, maxRows, ifModifiedSince);
  }

  /** Without `fields` a single record comes whole; none is 204 without a body. */
  private byId(
    name: CrmModule | 'Activities',
    id: string,
    query: URLSearchParams,
    ifModifiedSince?: string,
  ): SimulatorAnswer {
    const record = this.rows(name).find((candidate) => candidate.id === id);
    if (record === undefined) return { status: 204 };
    if (ifModifiedSince !== undefined && !isModifiedSince(record, ifModifiedSince)) return { status: 304 };
    const fields = query.get('fields');
    return {
      status: 200,
      body: { data: [fields === null ? record : withFields(record, fields.split(','))] },
    };
  }

  /** `fields` is mandatory for lists from v3 on, at most 50 of them. */
  private list(
    rows: readonly CrmRecord[],
    query: URLSearchParams,
    maxRows: number,
    ifModifiedSince?: string,
  ): SimulatorAnswer {
    const fields = query.get('fields')?.split(',') ?? [];
    if (fields.length === 0) {
      return apiError('REQUIRED_PARAM_MISSING', 400, 'One of the expected parameter is missing', {
        param_name: 'fields',
      });
    }
    const ids = query.get('ids');
    if (fields.length > MAX_FIELDS) return invalidData('fields');
    if ((ids?.length ?? 0) > MAX_IDS_LENGTH) return invalidData('ids');
    let found = ids === null ? [...rows] : rows.filter((row) => ids.split(',').includes(row.id));
    if (ifModifiedSince !== undefined) {
      found = found.filter((row) => isModifiedSince(row, ifModifiedSince));
      if (found.length === 0) return { status: 304 };
    }
    return this.page(sorted(found, query), fields, query, maxRows);
  }

  /** Pages 1 to 10 by number, what lies beyond 2,000 rows by page_token only. */
  private page(
    rows: readonly CrmRecord[],
    fields: readonly string[],
    query: URLSearchParams,
    maxRows: number,
  ): SimulatorAnswer {
    const perPage = Math.min(Number(query.get('per_page') ?? 200), maxRows);
    const frozen = ['fields', 'ids', 'sort_by', 'sort_order'].map((name) => query.get(name) ?? '').join('|');
    const token = tokenOf(query.get('page_token'));
    if (token !== undefined && token.frozen !== frozen) return invalidData('page_token');
    const page = Number(query.get('page') ?? 1);
    if (page > MAX_PAGES) {
      return apiError('DISCRETE_PAGINATION_LIMIT_EXCEEDED', 400, 'use page_token beyond 2000 records');
    }
    const offset = token?.offset ?? (page - 1) * perPage;
    const data = rows.slice(offset, offset + perPage).map((row) => withFields(row, fields));
    if (data.length === 0) return { status: 204 };
    const hasMore = rows.length > offset + perPage;
    const next: PageToken = { offset: offset + perPage, frozen };
    return {
      status: 200,
      body: {
        data,
        info: {
          per_page: perPage,
          count: data.length,
          page: Math.floor(offset / perPage) + 1,
          more_records: hasMore,
          next_page_token: hasMore ? Buffer.from(JSON.stringify(next)).toString('base64url') : null,
        },
      },
    };
  }

  private related(
    module: CrmModule,
    id: string,
    list: string,
    query: URLSearchParams,
    maxRows: number,
  ): SimulatorAnswer {
    if (this.data.get(module, id) === undefined) return { status: 204 };
    const rows = this.relatedRows(id, list);
    if (rows === undefined)
      return apiError('INVALID_DATA', 400, 'the relation name given seems to be invalid');
    return this.list(rows, query, maxRows);
  }

  private relatedRows(id: string, list: string): CrmRecord[] | undefined {
    if (list === OPEN_VIEW || list === CLOSED_VIEW) {
      const isClosedList = list === CLOSED_VIEW;
      return ACTIVITIES.flatMap((module) => {
        const own = this.data.all(module).filter((row) => lookupId(row.What_Id) === id);
        return own
          .filter((row) => isClosed(module, row, this.now()) === isClosedList)
          .map((row) => ({ ...row, $module: module }));
      });
    }
    if (list === 'Notes') return this.data.all('Notes').filter((row) => lookupId(row.Parent_Id) === id);
    if (list !== 'Contacts' && list !== 'Deals') return undefined;
    return this.data.all(list).filter((row) => lookupId(row.Account_Name) === id);
  }

  /** GET /{Module}/deleted?type=all|recycle|permanent. */
  private deleted(module: CrmModule, query: URLSearchParams, ifModifiedSince?: string): SimulatorAnswer {
    const type = query.get('type') ?? 'all';
    const since = ifModifiedSince === undefined ? 0 : Date.parse(ifModifiedSince);
    const data = this.data
      .deleted(module)
      .filter((entry) => type === 'all' || entry.type === type)
      .filter((entry) => Date.parse(entry.deleted_time) >= since);
    if (data.length === 0) return { status: ifModifiedSince === undefined ? 204 : 304 };
    return {
      status: 200,
      body: { data, info: { per_page: 200, count: data.length, page: 1, more_records: false } },
    };
  }

  private rows(name: CrmModule | 'Activities'): CrmRecord[] {
    if (name !== 'Activities') return this.data.all(name);
    return ACTIVITIES.flatMap((module) => this.data.all(module));
  }
}

export function isModule(name: string): name is CrmModule {
  return CRM_MODULES.some((module) => module === name);
}

const INVALID_MODULE = apiError('INVALID_MODULE', 400, 'the module name given seems to be invalid', {
  resource_path_index: 0,
});

function invalidData(parameter: string): SimulatorAnswer {
  return apiError('INVALID_DATA', 400, 'invalid data', { api_name: parameter });
}

/** Only what was asked for, and always the id. `$se_module` too must be asked for in lists. */
function withFields(record: CrmRecord, fields: readonly string[]): CrmRecord {
  const shown = fields.filter((field) => record[field] !== undefined).map((field) => [field, record[field]]);
  const module = record.$module === undefined ? {} : { $module: record.$module };
  return { ...(Object.fromEntries(shown) as object), ...module, id: record.id };
}

/** To the second, as the header is. */
function isModifiedSince(record: CrmRecord, since: string): boolean {
  return Date.parse(String(record.Modified_Time)) >= Date.parse(since);
}

function lookupId(value: unknown): string | undefined {
  return typeof value === 'object' && value !== null ? String((value as { id?: unknown }).id) : undefined;
}

function isClosed(module: CrmModule, row: CrmRecord, now: Date): boolean {
  if (module === 'Tasks') return row.Status === 'Completed';
  if (module === 'Calls') return row.Outgoing_Call_Status !== 'Scheduled';
  return Date.parse(String(row.End_DateTime)) < now.getTime();
}

function sorted(rows: readonly CrmRecord[], query: URLSearchParams): CrmRecord[] {
  const field = query.get('sort_by') ?? 'id';
  const direction = query.get('sort_order') === 'asc' ? 1 : -1;
  const key = (row: CrmRecord) => (field.endsWith('_Time') ? Date.parse(String(row[field])) : row[field]);
  return [...rows].sort((a, b) => direction * compare(key(a), key(b)) || compare(a.id, b.id));
}

function compare(left: unknown, right: unknown): number {
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  return String(left).localeCompare(String(right));
}

function tokenOf(text: string | null): PageToken | undefined {
  return text === null ? undefined : (JSON.parse(Buffer.from(text, 'base64url').toString()) as PageToken);
}
