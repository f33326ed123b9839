import { type CrmRecord, type ZohoCrmData } from './zoho-crm.data.js';
import { apiError, type SimulatorAnswer } from './zoho-errors.js';
import type { ZohoUsers } from './zoho-users.js';

/** What becomes of a request that inserts tasks, instead of its answer. */
export type InsertFault =
  /** The records are there, and the connection breaks before the answer. */
  | 'answer lost'
  /** The records are there, and a proxy says 502. */
  | '502 after commit'
  /** Nothing is there. */
  | '500'
  | '429'
  /** The answer comes with the records, and is not JSON. */
  | 'unreadable answer';

const MAX_RECORDS = 100;
const MAX_SUBJECT = 255;

type Values = Readonly<Record<string, unknown>>;
type RecordAnswer = { readonly code: string; readonly status: 'success' | 'error' } & Values;

/**
 * POST /crm/v8/Tasks (Zoho CRM v8: Insert Records; crm-oas v8.0 record.json): each record of `data` is answered by
 * itself, in its order; 201 where all were added, 202 where none was, 207 where some were. Duplicates are not looked
 * for: Tasks have no unique field.
 */
export class ZohoTaskInserts {
  /** Each is for one request, in this order. */
  readonly faults: InsertFault[] = [];
  /** Further fields that this organisation's layout makes mandatory. */
  readonly mandatory = new Set(['Subject']);

  constructor(
    private readonly data: ZohoCrmData,
    private readonly users: ZohoUsers,
  ) {}

  answer(body: string): SimulatorAnswer {
    const { data } = JSON.parse(body) as { data: Values[] };
    if (data.length > MAX_RECORDS) return apiError('INVALID_DATA', 400, 'invalid data');
    const fault = this.faults.shift();
    if (fault === '500') return apiError('INTERNAL_ERROR', 500, 'Internal Server Error');
    if (fault === '429') return apiError('TOO_MANY_REQUESTS', 429, 'too many requests');
    const answers = data.map((record) => this.insert(record));
    switch (fault) {
      case 'answer lost':
        return { status: 0, isLost: true };
      case '502 after commit':
        return { status: 502 };
      case 'unreadable answer':
        return { status: 200 };
      case undefined:
        return { status: statusOf(answers), body: { data: answers } };
    }
  }

  private insert(values: Values): RecordAnswer {
    for (const field of this.mandatory) {
      if (isEmpty(values[field])) return refused('MANDATORY_NOT_FOUND', field, 'required field not found');
    }
    const wrong = this.wrongField(values);
    if (wrong !== undefined) return refused('INVALID_DATA', wrong, 'invalid data');
    const owner = this.users.lookup(idIn(values.Owner)) ?? this.users.ofToken;
    const id = this.data.insert('Tasks', { Status: 'Not Started', ...values, Owner: owner });
    const { Created_Time, Modified_Time } = this.data.get('Tasks', id) as CrmRecord;
    const by = { Created_By: this.users.ofToken, Modified_By: this.users.ofToken };
    const details = { Modified_Time, Created_Time, id, ...by };
    return { code: 'SUCCESS', details, message: 'record added', status: 'success' };
  }

  /** Too long a text, a date that is none, a lookup to nobody: INVALID_DATA with the field's api_name. */
  private wrongField({ Subject, Due_Date, Owner, What_Id, $se_module }: Values): string | undefined {
    if (typeof Subject !== 'string' || Subject.length > MAX_SUBJECT) return 'Subject';
    if (Due_Date !== undefined && !isDate(Due_Date)) return 'Due_Date';
    if (Owner !== undefined && this.users.lookup(idIn(Owner)) === undefined) return 'Owner';
    if (What_Id === undefined) return undefined;
    const isThere = $se_module === 'Accounts' && this.data.get('Accounts', idIn(What_Id)) !== undefined;
    return isThere ? undefined : 'What_Id';
  }
}

function statusOf(answers: readonly RecordAnswer[]): number {
  const added = answers.filter(({ status }) => status === 'success').length;
  if (added === answers.length) return 201;
  return added === 0 ? 202 : 207;
}

function refused(code: string, field: string, message: string): RecordAnswer {
  const details = { api_name: field, json_path: `$.data[0].${field}` };
  return { code, details, message, status: 'error' };
}

function isDate(value: unknown): boolean {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value);
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

function idIn(lookup: unknown): string {
  return typeof lookup === 'object' && lookup !== null ? String((lookup as { id?: unknown }).id) : '';
}
