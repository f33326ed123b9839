import { Injectable } from '@nestjs/common';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import { AppConfig } from '../../config/app-config.js';
import { AppError, isCoded } from '../../contracts/errors.js';
import type { Json } from '../../contracts/json.js';
import { infoOf, isObject, nextPageToken, recordsOf, textOf, type ZohoRecord } from '../zoho-values.js';
import { type ZohoAnswer, ZohoApiClient, type ZohoRequest } from './zoho-api.client.js';

/** A GET that can share a composite request with others. */
export interface ZohoRead {
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
}

export interface ZohoPage {
  readonly records: readonly ZohoRecord[];
  readonly hasMore: boolean;
}

/** What a read gave: a page, nothing there (204), or that Zoho will not give it. */
export type ReadOutcome = ZohoPage | 'none' | 'refused';

export interface DeletedRecord {
  readonly id: string;
  readonly deletedAt: string | null;
}

/** As many ids of 19 digits as fit the 1,024 characters of `ids`. */
export const MAX_IDS = 50;
export const MAX_PAGE_ROWS = 200;
/** Rows of one read inside a composite request (Zoho CRM v8: Composite API). */
export const MAX_COMPOSITE_ROWS = 25;
const MAX_COMPOSITE_READS = 5;
const COMPOSITE_SLOTS = 5;
const COMPOSITE = '__composite_requests';
const COMPOSITE_PAUSE_MS = 3_600_000;

/** Records of Zoho CRM, in as few requests as it allows (crm-oas v8.0: record, related_records, coql, composite_requests). */
@Injectable()
export class ZohoRecordsClient {
  private compositeBarredUntil = 0;

  constructor(
    private readonly api: ZohoApiClient,
    private readonly config: AppConfig,
    @InjectPinoLogger(ZohoRecordsClient.name) private readonly logger: PinoLogger,
  ) {}

  /**
   * Records by id, in one request; the ids are asked for when the request can leave, at most 50.
   * @returns those that exist.
   */
  async byIds(
    module: string,
    fields: readonly string[],
    ids: () => readonly string[],
  ): Promise<ZohoRecord[]> {
    const { body } = await this.api.send(1, () => ({
      method: 'GET',
      path: module,
      query: { ids: ids().join(','), fields: fields.join(','), per_page: String(MAX_PAGE_ROWS) },
    }));
    return recordsOf(body);
  }

  /** Several reads in one composite request where the organisation allows it, else one by one. */
  async readTogether(reads: readonly ZohoRead[]): Promise<ReadOutcome[]> {
    const outcomes: ReadOutcome[] = [];
    for (let from = 0; from < reads.length; from += MAX_COMPOSITE_READS) {
      const group = reads.slice(from, from + MAX_COMPOSITE_READS);
      outcomes.push(...(group.length > 1 ? await this.composite(group) : await this.oneByOne(group)));
    }
    return outcomes;
  }

  /** One page of a list. */
  async page(read: ZohoRead): Promise<ZohoPage> {
    const { body } = await this.api.send(1, () => ({ method: 'GET', ...read }));
    return pageOf(body);
  }

  /**
   * All records of a list, page after page: Zoho numbers ten pages and gives a token for what lies beyond.
   * @param since only what changed since then; nothing changed gives no record.
   */
  async *list(module: string, fields: readonly string[], since?: Date): AsyncGenerator<ZohoRecord> {
    let pageToken: string | null = null;
    for (;;) {
      const query: Record<string, string> = { fields: fields.join(','), per_page: String(MAX_PAGE_ROWS) };
      if (pageToken !== null) query.page_token = pageToken;
      const request: ZohoRequest = {
        method: 'GET',
        path: module,
        query,
        ...(since && { ifModifiedSince: since }),
      };
      const { body } = await this.api.send(1, () => request);
      yield* recordsOf(body);
      pageToken = nextPageToken(body);
      if (pageToken === null) return;
    }
  }

  /** The rows of a COQL query; lookups come as `{ id }` only. At most 2,000 rows, by the query's own LIMIT. */
  async coql(query: string): Promise<ZohoPage> {
    const { body } = await this.api.send(1, () => ({
      method: 'POST',
      path: 'coql',
      body: { select_query: query },
    }));
    return pageOf(body);
  }

  /** What was deleted since then, as far back as the recycle bin goes (60 days; 120 for permanent deletion). */
  async deleted(module: string, since: Date): Promise<DeletedRecord[]> {
    const deleted: DeletedRecord[] = [];
    for (let page = 1, hasMore = true; hasMore; page += 1) {
      const { body }: ZohoAnswer = await this.api.send(1, () => ({
        method: 'GET',
        path: `${module}/deleted`,
        query: { type: 'all', page: String(page), per_page: String(MAX_PAGE_ROWS) },
        ifModifiedSince: since,
      }));
      deleted.push(
        ...recordsOf(body).map(({ id, deleted_time }) => ({ id, deletedAt: textOf(deleted_time) })),
      );
      hasMore = infoOf(body).more_records === true;
    }
    return deleted;
  }

  private async composite(reads: readonly ZohoRead[]): Promise<ReadOutcome[]> {
    const isAllowed =
      this.config.ZOHO_CONCURRENCY >= COMPOSITE_SLOTS && Date.now() > this.compositeBarredUntil;
    if (!isAllowed) return this.oneByOne(reads);
    try {
      const { body } = await this.api.send(COMPOSITE_SLOTS, () => compositeRequest(reads));
      const outcomes = compositeOutcomes(body, reads.length);
      if (outcomes !== undefined) return outcomes;
      this.barComposite('its answer is not understood');
    } catch (error) {
      // Without the scope, or where the edition has no composite requests: the same can be read one by one.
      if (!isRefusal(error)) throw error;
      this.barComposite(error.message);
    }
    return this.oneByOne(reads);
  }

  private barComposite(reason: string): void {
    this.compositeBarredUntil = Date.now() + COMPOSITE_PAUSE_MS;
    this.logger.warn({ reason }, 'zoho.composite_not_usable');
  }

  private oneByOne(reads: readonly ZohoRead[]): Promise<ReadOutcome[]> {
    return Promise.all(reads.map((read) => this.readAlone(read)));
  }

  private async readAlone(read: ZohoRead): Promise<ReadOutcome> {
    try {
      const { status, body } = await this.api.send(1, () => ({ method: 'GET', ...read }));
      return status === 204 ? 'none' : pageOf(body);
    } catch (error) {
      if (isRefusal(error)) return 'refused';
      throw error;
    }
  }
}

function isRefusal(error: unknown): error is AppError {
  return isCoded(error, 'ZOHO.FORBIDDEN') || isCoded(error, 'ZOHO.REQUEST_REFUSED');
}

function compositeRequest(reads: readonly ZohoRead[]): ZohoRequest {
  const parts = reads.map(({ path, query }, index) => ({
    sub_request_id: `r${index + 1}`,
    method: 'GET',
    uri: `/crm/v8/${path}`,
    params: query === undefined ? {} : { ...query, per_page: String(MAX_COMPOSITE_ROWS) },
    headers: {},
  }));
  return {
    method: 'POST',
    path: COMPOSITE,
    body: { rollback_on_fail: false, parallel_execution: true, [COMPOSITE]: parts },
  };
}

/** The answers in the order of the reads; undefined where the body does not hold one for each. */
function compositeOutcomes(body: Json, count: number): ReadOutcome[] | undefined {
  const parts = isObject(body) ? body[COMPOSITE] : undefined;
  if (!Array.isArray(parts) || parts.length !== count) return undefined;
  const outcomes = (parts as Json[]).map(compositeOutcome);
  return outcomes.every((outcome) => outcome !== undefined) ? outcomes : undefined;
}

function compositeOutcome(part: Json): ReadOutcome | undefined {
  const details = isObject(part) && isObject(part.details) ? part.details : {};
  if (!isObject(details.response)) return undefined;
  const { status_code, body = null } = details.response;
  if (status_code === 204) return 'none';
  if (status_code === 200) return pageOf(body);
  // A limit or a fault of one part: asked alone it says so properly.
  return typeof status_code === 'number' && status_code >= 400 && status_code < 429 ? 'refused' : undefined;
}

function pageOf(body: Json): ZohoPage {
  return { records: recordsOf(body), hasMore: infoOf(body).more_records === true };
}
