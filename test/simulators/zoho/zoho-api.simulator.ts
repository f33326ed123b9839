import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { type WatchEntry, ZohoChannels } from './zoho-channels.js';
import { coql, coqlCredits } from './zoho-coql.js';
import { type CrmChange, USER, ZohoCrmData } from './zoho-crm.data.js';
import { apiError, type SimulatorAnswer } from './zoho-errors.js';
import { ZohoOAuth } from './zoho-oauth.js';
import { isModule, ZohoRecords } from './zoho-records.js';
import { ZohoTaskInserts } from './zoho-task-inserts.js';
import { ZohoUsers } from './zoho-users.js';

/** One request as it came in and what it was answered; the secrets in it are not kept. */
export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: string;
  readonly status: number;
  readonly at: number;
}

export interface SentNotification {
  readonly body: Readonly<Record<string, unknown>>;
  /** Of the receiver; undefined where nobody answered. Zoho is not known to try again. */
  readonly status: number | undefined;
}

export interface ZohoSimulatorOptions {
  readonly port?: number;
  /** Requests at once for the whole organisation: 5 to 25 by edition. A composite request counts as 5. */
  readonly concurrency?: number;
  /** Credits of a rolling day: 5,000 in the free edition. */
  readonly credits?: number;
  readonly tokenLifeSeconds?: number;
  readonly latencyMs?: number;
}

export const ZOHO_CLIENT = {
  id: '1000.SIMULATEDCLIENT',
  secret: 'a-client-secret-that-zoho-gave',
  refreshToken: '1000.a-refresh-token.that-zoho-gave',
};

const COMPOSITE = '__composite_requests';
const COMPOSITE_WEIGHT = 5;
const COMPOSITE_ROWS = 25;
const MAX_ROWS = 200;

/**
 * Zoho CRM over HTTP: token endpoint, records, related lists, COQL, composite requests, deleted records, users,
 * inserted tasks, notification channels, and the notifications that its own data changes cause. Limits as documented for v8:
 * 429 TOO_MANY_REQUESTS without Retry-After, X-API-CREDITS-REMAINING once half of the credits are used.
 */
export class ZohoApiSimulator {
  readonly data: ZohoCrmData;
  readonly users = new ZohoUsers(USER);
  readonly tasks: ZohoTaskInserts;
  readonly oauth: ZohoOAuth;
  readonly requests: RecordedRequest[] = [];
  readonly notifications: SentNotification[] = [];
  /** While set, the API answers every request with this status: 500, 502, 503 or 429. */
  outage: number | undefined;
  /** Scopes that were not granted; requests that need one are 401 OAUTH_SCOPE_MISMATCH. */
  readonly missingScopes = new Set<Scope>();
  latencyMs: number;
  /** Notifications for which it says true never leave. */
  loses: (body: Readonly<Record<string, unknown>>) => boolean = () => false;
  private readonly channels: ZohoChannels;
  private readonly records: ZohoRecords;
  private readonly server: Server;
  private readonly sending = new Set<Promise<void>>();
  private creditsLeft: number;
  private readonly creditsInAll: number;
  private inFlight = 0;
  private mostInFlight = 0;

  private constructor(private readonly options: ZohoSimulatorOptions) {
    this.data = new ZohoCrmData();
    this.channels = new ZohoChannels(this.data);
    this.records = new ZohoRecords(this.data);
    this.tasks = new ZohoTaskInserts(this.data, this.users);
    this.creditsInAll = options.credits ?? 5_000_000;
    this.creditsLeft = this.creditsInAll;
    this.latencyMs = options.latencyMs ?? 0;
    this.oauth = new ZohoOAuth(ZOHO_CLIENT, () => this.url, options.tokenLifeSeconds ?? 3600);
    this.server = createServer((request, response) => void this.serve(request, response));
    this.data.onChange((change) => this.notify(change));
  }

  static async start(options: ZohoSimulatorOptions = {}): Promise<ZohoApiSimulator> {
    const simulator = new ZohoApiSimulator(options);
    await new Promise<void>((resolve) => simulator.server.listen(options.port ?? 0, '127.0.0.1', resolve));
    return simulator;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The settings with which a service talks to this Zoho. */
  get environment(): Record<string, string> {
    return {
      ZOHO_ACCOUNTS_URL: this.url,
      ZOHO_API_URL: this.url,
      ZOHO_CLIENT_ID: ZOHO_CLIENT.id,
      ZOHO_CLIENT_SECRET: ZOHO_CLIENT.secret,
      ZOHO_REFRESH_TOKEN: ZOHO_CLIENT.refreshToken,
    };
  }

  /** Requests of the API, those of the token endpoint left out. */
  get apiRequests(): RecordedRequest[] {
    return this.requests.filter(({ path }) => path.startsWith('/crm/'));
  }

  /** The greatest weight that was in flight at once. */
  get peakConcurrency(): number {
    return this.mostInFlight;
  }

  /** Opens a channel as an administrator did before; through the API it is POST actions/watch. */
  watch(entry: WatchEntry): void {
    const { status, body } = this.channels.answer('POST', new URLSearchParams(), [entry]);
    if (status !== 201) throw new Error(`the channel was refused: ${JSON.stringify(body)}`);
  }

  /** A channel's time is over, and nobody is told. */
  expire(channelId: string): void {
    this.channels.expire(channelId);
  }

  spendCredits(left = 0): void {
    this.creditsLeft = left;
  }

  renewCredits(): void {
    this.creditsLeft = this.creditsInAll;
  }

  /** Waits until every notification has been answered or given up. */
  async notified(): Promise<void> {
    while (this.sending.size > 0) await Promise.all(this.sending);
  }

  async stop(): Promise<void> {
    await this.notified();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private notify(change: CrmChange): void {
    for (const { url, body } of this.channels.notificationsOf(change)) {
      if (this.loses(body)) continue;
      const sending = this.post(url, body).finally(() => this.sending.delete(sending));
      this.sending.add(sending);
    }
  }

  private async post(url: string, body: Readonly<Record<string, unknown>>): Promise<void> {
    const status = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }).then(
      async (response) => {
        await response.arrayBuffer();
        return response.status;
      },
      () => undefined,
    );
    this.notifications.push({ body, status });
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    const body = await textOf(request);
    const answer = await this.answer(request, url, body);
    const isToken = url.pathname === '/oauth/v2/token';
    this.requests.push({
      method: request.method ?? '',
      path: url.pathname,
      query: isToken ? {} : Object.fromEntries(url.searchParams),
      body: isToken ? '' : body,
      status: answer.status,
      at: Date.now(),
    });
    if (answer.isLost) {
      request.socket.destroy();
      return;
    }
    const isHalfUsed = this.creditsLeft <= this.creditsInAll / 2;
    response.writeHead(answer.status, {
      'content-type': 'application/json;charset=UTF-8',
      ...(!isToken && isHalfUsed && { 'x-api-credits-remaining': String(this.creditsLeft) }),
    });
    response.end(answer.body === undefined ? undefined : JSON.stringify(answer.body));
  }

  private async answer(request: IncomingMessage, url: URL, body: string): Promise<SimulatorAnswer> {
    if (url.pathname === '/oauth/v2/token') {
      const params = new URLSearchParams(body);
      for (const [name, value] of url.searchParams) params.set(name, value);
      return this.oauth.grant(params);
    }
    const path = url.pathname.split('/').slice(1);
    const isComposite = path[2] === COMPOSITE;
    const weight = isComposite ? COMPOSITE_WEIGHT : 1;
    this.inFlight += weight;
    try {
      const limit = this.limitReached(weight, path, body);
      this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
      if (this.latencyMs > 0) await pause(this.latencyMs);
      return limit ?? this.refusal(request, path) ?? this.api(request, path, url.searchParams, body);
    } finally {
      this.inFlight -= weight;
    }
  }

  /** The status does not say whether credits or concurrency were meant (Zoho CRM v8: API limits). */
  private limitReached(weight: number, path: readonly string[], body: string): SimulatorAnswer | undefined {
    if (this.inFlight > Math.max(this.options.concurrency ?? Infinity, weight)) return TOO_MANY;
    const isQuery = path[2] === 'coql';
    const cost = isQuery ? coqlCredits(queryOf(body)) : 1;
    if (this.creditsLeft < cost) return TOO_MANY;
    this.creditsLeft -= cost;
    return undefined;
  }

  private refusal(request: IncomingMessage, path: readonly string[]): SimulatorAnswer | undefined {
    if (this.outage === 429) return TOO_MANY;
    if (this.outage !== undefined) return apiError('INTERNAL_ERROR', this.outage, 'Internal Server Error');
    const [scheme, token = ''] = (request.headers.authorization ?? '').split(' ');
    if (scheme !== 'Zoho-oauthtoken' || !this.oauth.accepts(token)) {
      return apiError('INVALID_TOKEN', 401, 'invalid oauth token');
    }
    const isInsert = request.method === 'POST' && path[2] === 'Tasks';
    const scope = isInsert ? 'task inserts' : SCOPES[path[2] ?? ''];
    if (scope !== undefined && this.missingScopes.has(scope)) {
      return apiError('OAUTH_SCOPE_MISMATCH', 401, 'invalid oauth scope to access this URL');
    }
    return undefined;
  }

  private api(
    request: IncomingMessage,
    path: readonly string[],
    query: URLSearchParams,
    body: string,
  ): SimulatorAnswer {
    const [crm, version, ...rest] = path;
    if (crm !== 'crm' || version !== 'v8') return apiError('INVALID_URL_PATTERN', 404, 'no such address');
    if (rest[0] === COMPOSITE) return this.composite(body);
    if (rest[0] === 'coql') {
      return coql(queryOf(body), (name) => (isModule(name) ? this.data.all(name) : undefined));
    }
    if (rest[0] === 'actions' && rest[1] === 'watch') {
      const entries = body === '' ? [] : ((JSON.parse(body) as { watch?: WatchEntry[] }).watch ?? []);
      return this.channels.answer(request.method ?? 'GET', query, entries);
    }
    if (rest[0] === 'users') return this.users.answer(query);
    if (rest[0] === 'Tasks' && rest.length === 1 && request.method === 'POST') return this.tasks.answer(body);
    const header = request.headers['if-modified-since'];
    return this.records.answer({ path: rest, query, ifModifiedSince: header, maxRows: MAX_ROWS });
  }

  /** Up to 5 sub-requests of one version, answered in their order; 25 rows each (crm-oas v8.0 composite_requests.json). */
  private composite(body: string): SimulatorAnswer {
    const parts = (JSON.parse(body) as { [COMPOSITE]: SubRequest[] })[COMPOSITE];
    if (parts.length > 5) return apiError('INVALID_DATA', 400, 'invalid data', { maximum_length: 5 });
    const answers = parts.map(({ uri, params = {} }) => {
      const path = uri.replace('/crm/v8/', '').split('/');
      const query = new URLSearchParams(params);
      const { status, body: content } = this.records.answer({
        path,
        query,
        ifModifiedSince: undefined,
        maxRows: COMPOSITE_ROWS,
      });
      return {
        code: 'SUCCESS',
        details: { response: { headers: {}, body: content ?? null, status_code: status } },
        message: 'composite sub request executed',
        status: 'success',
      };
    });
    return { status: 200, body: { [COMPOSITE]: answers } };
  }
}

interface SubRequest {
  readonly uri: string;
  readonly params?: Record<string, string>;
}

type Scope = 'composite' | 'coql' | 'notes' | 'users' | 'task inserts';

const SCOPES: Readonly<Record<string, Scope>> = {
  [COMPOSITE]: 'composite',
  coql: 'coql',
  Notes: 'notes',
  users: 'users',
};

const TOO_MANY = apiError(
  'TOO_MANY_REQUESTS',
  429,
  'You have reached the maximum limit of concurrent API requests',
);

function queryOf(body: string): string {
  return (JSON.parse(body) as { select_query: string }).select_query;
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
