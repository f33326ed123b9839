import { Inject, Injectable } from '@nestjs/common';
import { AppConfig } from '../../config/app-config.js';
import type { CrmTask } from '../../contracts/crm-task.js';
import { AppError } from '../../contracts/errors.js';
import type { Json, JsonObject } from '../../contracts/json.js';
import type { CrmTasks, WrittenTask } from '../../contracts/ports/crm-tasks.port.js';
import { ZohoApiClient } from '../api/zoho-api.client.js';
import { ZohoLookups } from '../api/zoho-lookups.js';
import { withJitter, ZohoPatience } from '../api/zoho-patience.js';
import { ZohoRecordsClient } from '../api/zoho-records.client.js';
import { isObject, isRecordId, lookupOf, textOf } from '../zoho-values.js';
import { ZohoTaskLedger } from './zoho-task.ledger.js';
import { taskMarker, taskRecord } from './zoho-task.record.js';
import { ZohoUserDirectory } from './zoho-user.directory.js';

/** How far our clock and Zoho's may be apart. */
const CLOCKS_APART_MS = 10 * 60_000;

/**
 * Writes tasks into Zoho CRM, each once. Zoho cannot help: Tasks have no unique field for an upsert, and the
 * description cannot be searched (COQL takes no multi-line field as a criterion). So the start of a request is
 * noted first; after a start without an end nobody writes before the request is surely over and the tasks that
 * have changed since were looked through for our marker.
 */
@Injectable()
export class ZohoTaskWriter implements CrmTasks {
  constructor(
    private readonly api: ZohoApiClient,
    private readonly records: ZohoRecordsClient,
    private readonly lookups: ZohoLookups,
    private readonly users: ZohoUserDirectory,
    private readonly ledger: ZohoTaskLedger,
    private readonly config: AppConfig,
    @Inject(ZohoPatience) private readonly patience: ZohoPatience,
  ) {}

  get mode(): CrmTasks['mode'] {
    return this.config.ZOHO_WRITE_BACK;
  }

  get maxAgeDays(): number {
    return this.config.ZOHO_WRITE_BACK_DAYS;
  }

  async write(task: CrmTask): Promise<WrittenTask> {
    const { taskId, startedAtMs } = await this.ledger.find(task.id);
    if (taskId !== null) return { taskId, outcome: 'known' };
    const found = startedAtMs === null ? null : await this.findSince(task.id, startedAtMs);
    if (found === null) return { taskId: await this.insert(task), outcome: 'written' };
    await this.ledger.finish(task.id, found);
    return { taskId: found, outcome: 'found' };
  }

  /** The task that an earlier attempt may have written. */
  private async findSince(id: string, startedAtMs: number): Promise<string | null> {
    const overAtMs = startedAtMs + this.patience.taskSettleMs;
    if (Date.now() < overAtMs) {
      throw new AppError('ZOHO.TASK_UNCERTAIN', 'an earlier attempt may still write this task', {
        afterMs: withJitter(overAtMs - Date.now()),
      });
    }
    const since = new Date(startedAtMs - CLOCKS_APART_MS);
    const marker = taskMarker(id);
    for await (const record of this.records.list('Tasks', ['Description'], since)) {
      if (textOf(record.Description)?.includes(marker) === true) return record.id;
    }
    return null;
  }

  private async insert(task: CrmTask): Promise<string> {
    const record = taskRecord(task, await this.ownerOf(task));
    const startedAtMs = Date.now();
    await this.ledger.start(task.id, startedAtMs);
    const taskId = await this.post(task.id, record, startedAtMs + this.patience.taskLeaveMs);
    await this.ledger.finish(task.id, taskId);
    return taskId;
  }

  /** @param leaveByMs a process that sleeps longer must not wake and write what its successor has written. */
  private async post(id: string, record: JsonObject, leaveByMs: number): Promise<string> {
    try {
      const request = { method: 'POST', path: 'Tasks', body: { data: [record] }, leaveByMs } as const;
      const { body } = await this.api.send(1, () => request);
      return createdId(body);
    } catch (error) {
      if (isCertain(error)) await this.ledger.dropStart(id);
      throw error;
    }
  }

  /** Whoever of ours has to do it, if Zoho knows the address, else whoever owns the account. */
  private async ownerOf({ ownerEmail, account }: CrmTask): Promise<string | null> {
    const user = ownerEmail === null ? null : await this.users.idOf(ownerEmail);
    if (user !== null) return user;
    const found = await this.lookups.find('Accounts', account.id, ['Owner']);
    if (found === undefined) {
      throw new AppError('ZOHO.TASK_REFUSED', 'the account is not in Zoho any more');
    }
    return lookupOf(found.Owner)?.id ?? null;
  }
}

/** Whether an error says that nothing was written: Zoho refused it, or the request never left. */
function isCertain(error: unknown): boolean {
  return error instanceof AppError && error.code !== 'ZOHO.UNAVAILABLE';
}

/**
 * Each record of a request is answered by itself, whatever the HTTP status is (201, 202, 207): `{data: [{code,
 * details, message, status}]}` (Zoho CRM v8: Insert Records).
 */
function createdId(body: Json): string {
  const [first] = isObject(body) && Array.isArray(body.data) ? (body.data as Json[]) : [];
  const { code, details } = isObject(first) ? first : {};
  const { id, api_name: field } = isObject(details) ? details : {};
  if (typeof code === 'string' && code !== 'SUCCESS') throw refusal(code, field);
  if (code === 'SUCCESS' && isRecordId(id)) return id;
  // It may have been written: the next attempt looks.
  throw new AppError('ZOHO.UNAVAILABLE', 'the answer of Zoho is not understood', { afterMs: 1_000 });
}

function refusal(code: string, field: Json | undefined): AppError {
  const where = isWord(field) ? ` at ${field}` : '';
  return new AppError(
    'ZOHO.TASK_REFUSED',
    `Zoho refuses the task: ${isWord(code) ? code : 'no code'}${where}`,
  );
}

/** Codes and names of fields are words; what is none is not repeated. */
function isWord(value: Json | undefined): value is string {
  return typeof value === 'string' && /^[\w$]{1,64}$/.test(value);
}
