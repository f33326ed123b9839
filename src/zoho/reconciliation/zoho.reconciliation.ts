import { Injectable } from '@nestjs/common';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import { AppConfig } from '../../config/app-config.js';
import { isCoded } from '../../contracts/errors.js';
import type { Json } from '../../contracts/json.js';
import {
  type ListedChange,
  type ListedPage,
  type ReconciliationEstimate,
  type ReconciliationSlice,
  type ReconciliationSource,
  ReconciliationSourceFor,
  type TimeSpan,
} from '../../contracts/ports/reconciliation.port.js';
import { LINK_FIELDS } from '../accounts/zoho-links.js';
import { ZohoApiClient, type ZohoRequest } from '../api/zoho-api.client.js';
import { MAX_PAGE_ROWS } from '../api/zoho-records.client.js';
import { infoOf, nextPageToken, recordsOf, textOf, type ZohoRecord } from '../zoho-values.js';

/** Notes are listed though they cannot be watched: for them this is the only way in. */
const LISTED = ['Accounts', 'Contacts', 'Deals', 'Tasks', 'Events', 'Calls', 'Notes'] as const;
type ListedModule = (typeof LISTED)[number];
const ACTIVITIES: readonly ListedModule[] = ['Tasks', 'Events', 'Calls'];
const DELETED = '/deleted';
const TIMES = ['Created_Time', 'Modified_Time'];

/**
 * What Zoho CRM's API says has changed: each module by If-Modified-Since, and its deleted records (crm-oas v8.0
 * record.json). A notification's time is never before the change it tells of, and its account is read after it, so
 * that a record is missed only if it was modified after the latest notification of it.
 * Zoho tells times to the second: a change in the same second as one that was notified is taken for known.
 */
@Injectable()
@ReconciliationSourceFor('zoho')
export class ZohoReconciliation implements ReconciliationSource {
  readonly lookBackHours = { hourly: 3, nightly: 14 * 24 };

  constructor(
    private readonly api: ZohoApiClient,
    private readonly config: AppConfig,
    @InjectPinoLogger(ZohoReconciliation.name) private readonly logger: PinoLogger,
  ) {}

  offBecause(): string | null {
    return this.config.hasZohoCredentials
      ? null
      : 'no credentials of Zoho (ZOHO_CLIENT_ID and its companions)';
  }

  slices(span: TimeSpan): ReconciliationSlice[] {
    const { since, until } = span;
    const lists = LISTED.flatMap((module) => [
      module,
      ...(module === 'Notes' ? [] : [`${module}${DELETED}`]),
    ]);
    return lists.map((list) => ({ since, until, list }));
  }

  async page(slice: ReconciliationSlice, cursor: string | null): Promise<ListedPage> {
    try {
      return await this.ask(slice, cursor);
    } catch (error) {
      // A page token lives for a day: a list that stood still for longer starts over.
      if (cursor !== null && isCoded(error, 'ZOHO.REQUEST_REFUSED')) return this.ask(slice, null);
      // Notes need an administrator's profile; without it the rest is compared all the same.
      if (slice.list === 'Notes' && isCoded(error, 'ZOHO.FORBIDDEN')) {
        this.logger.warn({ reason: error.message }, 'zoho.notes_not_readable');
        return { changes: [], requests: 1, nextCursor: null };
      }
      throw error;
    }
  }

  /** Zoho counts nothing beforehand without a query for each module, so that only the least is known. */
  async estimate(span: TimeSpan): Promise<ReconciliationEstimate> {
    return { objects: null, requests: this.slices(span).length, daysOfQuota: null };
  }

  private async ask(slice: ReconciliationSlice, cursor: string | null): Promise<ListedPage> {
    const isOfDeleted = slice.list.endsWith(DELETED);
    const module = slice.list.replace(DELETED, '') as ListedModule;
    const request: ZohoRequest = {
      method: 'GET',
      path: slice.list,
      query: isOfDeleted ? deletedQuery(cursor) : recordsQuery(module, cursor),
      ifModifiedSince: new Date(slice.since),
    };
    let requests = 0;
    const { body } = await this.api.send(1, () => {
      requests += 1;
      return request;
    });
    const changes = recordsOf(body)
      .map((record) => (isOfDeleted ? deletion(module, record) : modification(module, record)))
      .filter((change) => change !== null)
      .filter(({ changedMs }) => changedMs >= Date.parse(slice.since) && changedMs < Date.parse(slice.until))
      .map(({ change }) => change);
    return { changes, requests, nextCursor: isOfDeleted ? nextPage(body, cursor) : nextPageToken(body) };
  }
}

function recordsQuery(module: ListedModule, cursor: string | null): Record<string, string> {
  const links = module === 'Accounts' ? [] : LINK_FIELDS[module];
  const query = { fields: [...TIMES, ...links].join(','), per_page: String(MAX_PAGE_ROWS) };
  return cursor === null ? query : { ...query, page_token: cursor };
}

/** Deleted records have numbered pages only. */
function deletedQuery(cursor: string | null): Record<string, string> {
  return { type: 'all', page: cursor ?? '1', per_page: String(MAX_PAGE_ROWS) };
}

function nextPage(body: Json, cursor: string | null): string | null {
  return infoOf(body).more_records === true ? String(Number(cursor ?? '1') + 1) : null;
}

interface Dated {
  readonly changedMs: number;
  readonly change: ListedChange;
}

function modification(module: ListedModule, record: ZohoRecord): Dated | null {
  const isNew = textOf(record.Created_Time) === textOf(record.Modified_Time);
  const { id, ...values } = record;
  return dated(module, id, textOf(record.Modified_Time), {
    operation: isNew ? 'insert' : 'update',
    affected_values: [{ record_id: id, values }],
  });
}

function deletion(module: ListedModule, { id, deleted_time }: ZohoRecord): Dated | null {
  return dated(module, id, textOf(deleted_time), { operation: 'delete' });
}

/** In the shape of a v8 notification, without the token that only Zoho has. */
function dated(
  module: ListedModule,
  id: string,
  changedAt: string | null,
  more: ListedChange['body'],
): Dated | null {
  const changedMs = Date.parse(changedAt ?? '');
  if (changedAt === null || !Number.isFinite(changedMs)) return null;
  const isActivity = ACTIVITIES.includes(module);
  return {
    changedMs,
    change: {
      changeId: `${module}:${id}:${changedAt}`,
      ...(isActivity && { aliases: [`Activities:${id}:${changedAt}`] }),
      kind: 'record',
      objectId: id,
      body: { server_time: changedMs, module, ids: [id], affected_fields: [], ...more },
    },
  };
}
