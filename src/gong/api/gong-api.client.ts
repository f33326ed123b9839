import { Injectable } from '@nestjs/common';
import type { Json, JsonObject } from '../../contracts/json.js';
import { isJsonObject, PayloadReader } from '../gong-call.payload.js';
import {
  activityStats,
  callBasic,
  callOutcome,
  dataForAddress,
  type GongCallBasic,
  type GongCallOutcome,
  type GongDataForAddress,
  type GongTrackerDefinition,
  type GongUser,
  type GongUserStats,
  interactionStats,
  trackerDefinition,
  user,
} from './gong-api.answers.js';
import { GongApiError } from './gong-api.errors.js';
import { GongApiTransport, type GongRequest } from './gong-api.transport.js';
import type { QuotaPurpose } from './gong-quota.gate.js';

/** Which part of the quota a request spends, and whether its token is already taken. */
export interface GongAsk {
  readonly purpose?: QuotaPurpose;
  readonly hasToken?: boolean;
  /** Told of each request that leaves, tries again included. */
  readonly onRequest?: () => void;
}

/** A span of time: `from` belongs to it, `to` does not. ISO 8601 with an offset or Z. */
export interface GongTimeSpan {
  readonly from: string;
  readonly to: string;
}

/** Days in the company's time zone, YYYY-MM-DD; `to` does not belong to it, and Gong refuses days to come. */
export type GongDaySpan = GongTimeSpan;

interface PagedRequest extends Omit<GongRequest, 'purpose' | 'hasToken' | 'path'> {
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly listKey: string;
}

/** A page of the list of calls, and where the next one begins; null on the last. */
export interface GongCallPage {
  readonly calls: readonly GongCallBasic[];
  readonly nextCursor: string | null;
}

interface Page {
  readonly records: readonly JsonObject[];
  /** Of the list; once more where it started over. */
  readonly isFirst: boolean;
}

/** The most ids in one request: Gong states no limit, and integrations are known to send a page, 100. */
export const MOST_IDS = 100;
/** A cursor lives about an hour; a list that outlives it so often will not end by starting over again. */
const MOST_RESTARTS = 3;

/** Everything but media: its addresses hold for eight hours only, and recordings are nobody's business here. */
const CONTENT_SELECTOR: JsonObject = {
  context: 'Extended',
  contextTiming: ['Now'],
  exposedFields: {
    parties: true,
    content: {
      structure: true,
      topics: true,
      trackers: true,
      trackerOccurrences: true,
      brief: true,
      outline: true,
      highlights: true,
      callOutcome: true,
      keyPoints: true,
    },
    interaction: { speakers: true, video: true, personInteractionStats: true, questions: true },
    collaboration: { publicComments: true },
    media: false,
  },
};

/**
 * Gong's API V2, as far as this house asks it. Ids are texts to the digit. An empty result is empty, whatever its
 * status. Every method throws GongApiError with its code and retry policy; requests spend the shared quota.
 */
@Injectable()
export class GongApiClient {
  constructor(private readonly transport: GongApiTransport) {}

  /**
   * POST /v2/calls/extensive for at most MOST_IDS calls.
   * @returns each call that Gong has and lets us see, as it came, by id; the others are just missing.
   */
  async callDetails(callIds: readonly string[], ask: GongAsk = {}): Promise<Map<string, JsonObject>> {
    const body = { filter: { callIds }, contentSelector: CONTENT_SELECTOR };
    const request: PagedRequest = { ...post('calls/extensive', body), listKey: 'calls' };
    const found = new Map<string, JsonObject>();
    for (const call of await this.all(request, (item) => [item], ask)) {
      const id = isJsonObject(call.metaData) ? idText(call.metaData.id) : null;
      if (id !== null) found.set(id, call);
    }
    return found;
  }

  /**
   * POST /v2/calls/transcript for at most MOST_IDS calls.
   * @returns the turns `[{speakerId, topic, sentences: [{start, end, text}]}]` (milliseconds), as they came, by
   * call id; a call whose transcript is not ready is just missing.
   */
  async callTranscripts(
    callIds: readonly string[],
    ask: GongAsk = {},
  ): Promise<Map<string, readonly Json[]>> {
    const request: PagedRequest = {
      ...post('calls/transcript', { filter: { callIds } }),
      listKey: 'callTranscripts',
    };
    const found = new Map<string, readonly Json[]>();
    for (const { callId, transcript } of await this.all(request, (item) => [item], ask)) {
      const id = idText(callId);
      if (id !== null && Array.isArray(transcript)) found.set(id, transcript as readonly Json[]);
    }
    return found;
  }

  /**
   * GET /v2/calls, one page of it. Web conferences count by the time they were scheduled for, the others by their start.
   * @param cursor of the page before; null for the first.
   * @throws GongApiError `GONG.CURSOR_EXPIRED` when the page before is an hour old: then the list starts over.
   */
  async callPage(
    { from, to }: GongTimeSpan,
    cursor: string | null,
    ask: GongAsk = {},
  ): Promise<GongCallPage> {
    const query = { fromDateTime: from, toDateTime: to };
    const list = { endpoint: 'calls', method: 'GET', path: 'calls', query, listKey: 'calls' } as const;
    const answer = await this.send(pageOf(list, cursor), ask);
    return { calls: recordsOf(answer, 'calls').flatMap(callBasic), nextCursor: nextCursor(answer) };
  }

  /** How many calls `calls` would give, for one request. */
  async callCount({ from, to }: GongTimeSpan, ask: GongAsk = {}): Promise<number> {
    const query = new URLSearchParams({ fromDateTime: from, toDateTime: to }).toString();
    const answer = await this.send({ endpoint: 'calls', method: 'GET', path: `calls?${query}` }, ask);
    const total = isJsonObject(answer?.records) ? answer.records.totalRecords : undefined;
    return typeof total === 'number' ? total : recordsOf(answer, 'calls').length;
  }

  /** GET /v2/calls/{id}; null for a call that Gong does not have or not show. */
  async call(id: string, ask: GongAsk = {}): Promise<GongCallBasic | null> {
    const path = `calls/${encodeURIComponent(id)}`;
    const answer = await this.send({ endpoint: 'calls/{id}', method: 'GET', path }, ask);
    return isJsonObject(answer?.call) ? (callBasic(answer.call)[0] ?? null) : null;
  }

  /** GET /v2/users: everybody. */
  users(ask: GongAsk = {}): Promise<GongUser[]> {
    return this.all({ endpoint: 'users', method: 'GET', path: 'users', listKey: 'users' }, user, ask);
  }

  /** POST /v2/users/extensive for at most MOST_IDS users. */
  usersById(userIds: readonly string[], ask: GongAsk = {}): Promise<GongUser[]> {
    return this.all({ ...post('users/extensive', { filter: { userIds } }), listKey: 'users' }, user, ask);
  }

  /** GET /v2/settings/trackers: the tenant's own names of what it listens for. */
  trackers(ask: GongAsk = {}): Promise<GongTrackerDefinition[]> {
    const endpoint = 'settings/trackers';
    return this.all(
      { endpoint, method: 'GET', path: endpoint, listKey: 'keywordTrackers' },
      trackerDefinition,
      ask,
    );
  }

  /** GET /v2/call-outcomes: the only place where Gong says a sentiment, of outcomes and not of calls. */
  callOutcomes(ask: GongAsk = {}): Promise<GongCallOutcome[]> {
    const endpoint = 'call-outcomes';
    return this.all({ endpoint, method: 'GET', path: endpoint, listKey: 'outcomes' }, callOutcome, ask);
  }

  /** POST /v2/stats/activity/aggregate: what each user did in these days. */
  activityStats(days: GongDaySpan, ask: GongAsk = {}): Promise<GongUserStats[]> {
    const request = post('stats/activity/aggregate', dayFilter(days));
    return this.all({ ...request, listKey: 'usersAggregateActivityStats' }, activityStats, ask);
  }

  /** POST /v2/stats/interaction: how each user spoke, of calls recorded with Whisper only. */
  interactionStats(days: GongDaySpan, ask: GongAsk = {}): Promise<GongUserStats[]> {
    const request = post('stats/interaction', dayFilter(days));
    return this.all({ ...request, listKey: 'peopleInteractionStats' }, interactionStats, ask);
  }

  /** GET /v2/data-privacy/data-for-email-address: where this person appears. */
  async dataForEmailAddress(emailAddress: string, ask: GongAsk = {}): Promise<GongDataForAddress> {
    const endpoint = 'data-privacy/data-for-email-address';
    const path = `${endpoint}?${new URLSearchParams({ emailAddress }).toString()}`;
    return dataForAddress((await this.send({ endpoint, method: 'GET', path }, ask)) ?? {});
  }

  private async all<T>(request: PagedRequest, read: (item: JsonObject) => T[], ask: GongAsk): Promise<T[]> {
    let found: T[] = [];
    for await (const { records, isFirst } of this.pages(request, ask)) {
      if (isFirst) found = [];
      found.push(...records.flatMap(read));
    }
    return found;
  }

  /** Page after page. A list whose cursor has expired starts over, with a page that is the first again. */
  private async *pages(request: PagedRequest, ask: GongAsk): AsyncGenerator<Page> {
    let cursor: string | null = null;
    let { hasToken = false } = ask;
    for (let restarts = 0; ; hasToken = false) {
      const answer = await this.page(request, cursor, { ...ask, hasToken }, restarts < MOST_RESTARTS);
      if (answer === 'expired') {
        cursor = null;
        restarts += 1;
        continue;
      }
      yield { records: recordsOf(answer, request.listKey), isFirst: cursor === null };
      cursor = nextCursor(answer);
      if (cursor === null) return;
    }
  }

  private async page(
    request: PagedRequest,
    cursor: string | null,
    ask: GongAsk,
    mayRestart: boolean,
  ): Promise<JsonObject | null | 'expired'> {
    try {
      return await this.send(pageOf(request, cursor), ask);
    } catch (error) {
      const isExpired = error instanceof GongApiError && error.code === 'GONG.CURSOR_EXPIRED';
      if (isExpired && cursor !== null && mayRestart) return 'expired';
      throw error;
    }
  }

  private send(request: Omit<GongRequest, 'purpose'>, ask: GongAsk): Promise<JsonObject | null> {
    return this.transport.send({ purpose: 'live', ...request, ...ask });
  }
}

function post(
  endpoint: string,
  body: JsonObject,
): Pick<PagedRequest, 'endpoint' | 'method' | 'path' | 'body'> {
  return { endpoint, method: 'POST', path: endpoint, body };
}

function dayFilter({ from, to }: GongDaySpan): JsonObject {
  return { filter: { fromDate: from, toDate: to } };
}

/** The same request with the cursor: on top of the body, or in the query. */
function pageOf(request: PagedRequest, cursor: string | null): Omit<GongRequest, 'purpose'> {
  const { endpoint, method, path, body, query = {} } = request;
  if (method === 'POST') {
    return { endpoint, method, path, body: { ...body, ...(cursor !== null && { cursor }) } };
  }
  const search = new URLSearchParams({ ...query, ...(cursor !== null && { cursor }) }).toString();
  return { endpoint, method, path: search === '' ? path : `${path}?${search}` };
}

function recordsOf(answer: JsonObject | null, listKey: string): JsonObject[] {
  return new PayloadReader().objects(answer ?? {}, listKey, '').map(({ item }) => item);
}

function nextCursor(answer: JsonObject | null): string | null {
  const records = isJsonObject(answer?.records) ? answer.records : {};
  return typeof records.cursor === 'string' && records.cursor !== '' ? records.cursor : null;
}

function idText(id: Json | undefined): string | null {
  if (typeof id === 'string') return id;
  return typeof id === 'number' && Number.isSafeInteger(id) ? String(id) : null;
}
