import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { gongApiCall, gongTranscript } from '../../factories/gong-api-call.factory.js';
import type { GongCallBody } from '../../factories/gong-call.factory.js';
import {
  errorBody,
  type FaultAnswer,
  faultAnswer,
  type GongFault,
  rateLimitAnswer,
} from './gong-api.faults.js';
import { type Found, GongApiRecords, NOTHING_FOUND, type SimulatedUser } from './gong-api.records.js';

/** One request as it arrived. */
export interface GongApiRequest {
  /** Epoch milliseconds of its arrival. */
  readonly at: number;
  /** After `/v2/`, without a query. */
  readonly endpoint: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly callIds: readonly string[];
  readonly cursor: string | null;
  readonly authorization: string;
  /** Null while it hangs. */
  status: number | null;
}

export interface GongApiOptions {
  /** 3 and 10,000 are Gong's, for all integrations of a company together (OpenAPI description). */
  readonly perSecond?: number;
  readonly perDay?: number;
  /** What Retry-After says once the day is spent: hours (integrations' reports). */
  readonly daySpentRetryAfterSeconds?: number;
  readonly pageSize?: number;
  readonly accessKey?: string;
  readonly accessKeySecret?: string;
  /** Turns on OAuth: the client, and its first refresh token. */
  readonly oauth?: {
    readonly clientId: string;
    readonly clientSecret: string;
    readonly refreshToken: string;
  };
  /** How long an answer takes. */
  readonly answerMs?: number;
}

/** What is special about a call that is made known. */
export interface AddedCall {
  readonly detailsAfterMs?: number;
  readonly transcriptAfterMs?: number;
  /** Instead of one that is made up. */
  readonly transcript?: readonly unknown[];
  /** Fields of calls/extensive that are other than the webhook's. */
  readonly details?: Readonly<Record<string, unknown>>;
}

interface AskBody {
  readonly cursor?: string;
  readonly filter?: { readonly callIds?: readonly string[] };
}

const DEFAULT_KEY = 'SIMULATED-ACCESS-KEY';
const DEFAULT_SECRET = 'simulated-access-key-secret';
const TOKEN_LIFE_SECONDS = 86_400;

/**
 * Gong's API V2 over HTTP, as far as this house asks it, with its limits, its envelopes and its troubles. It shares no
 * code with what it tests. What is not certain about the real one is said where it is simulated.
 */
export class GongApiSimulator {
  readonly requests: GongApiRequest[] = [];
  readonly records = new GongApiRecords();
  private readonly faults: { fault: GongFault; left: number }[] = [];
  private readonly sockets = new Set<Socket>();
  private readonly cursors = new Map<string, number>();
  private readonly accepted: number[] = [];
  private readonly tokens = new Set<string>();
  private refreshToken: string;
  private isDaySpent = false;

  private constructor(
    private readonly server: Server,
    private readonly options: GongApiOptions,
  ) {
    this.refreshToken = options.oauth?.refreshToken ?? '';
  }

  static async start(options: GongApiOptions = {}): Promise<GongApiSimulator> {
    const server = createServer();
    const simulator = new GongApiSimulator(server, options);
    server.on('request', (request, response) => void simulator.answer(request, response));
    server.on('connection', (socket) => {
      simulator.sockets.add(socket);
      socket.on('close', () => simulator.sockets.delete(socket));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return simulator;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get tokenUrl(): string {
    return `${this.url}/oauth2/generate-customer-token`;
  }

  /** The settings of a service that asks this simulator. */
  get environment(): Record<string, string> {
    const { accessKey = DEFAULT_KEY, accessKeySecret = DEFAULT_SECRET } = this.options;
    return {
      GONG_API_BASE_URL: this.url,
      GONG_ACCESS_KEY: accessKey,
      GONG_ACCESS_KEY_SECRET: accessKeySecret,
    };
  }

  /** Makes the call of a webhook known, with its transcript; each from some time on. */
  addCall(body: GongCallBody, options: AddedCall = {}): void {
    const {
      detailsAfterMs = 0,
      transcriptAfterMs = 0,
      transcript = gongTranscript(body),
      details = {},
    } = options;
    this.records.addCall({
      id: body.callData.metaData.id,
      details: { ...gongApiCall(body), ...details },
      transcript,
      detailsFromMs: Date.now() + detailsAfterMs,
      transcriptFromMs: Date.now() + transcriptAfterMs,
    });
  }

  addUser(user: SimulatedUser): void {
    this.records.addUser(user);
  }

  /** Something goes wrong from now on. */
  break(fault: GongFault): void {
    this.faults.push({ fault, left: fault.times ?? Infinity });
  }

  /** Everything works again. */
  mend(): void {
    this.faults.length = 0;
  }

  /** From now on the limit of the day is reached. */
  spendDay(): void {
    this.isDaySpent = true;
  }

  /** It counts from nothing again. */
  startDay(): void {
    this.isDaySpent = false;
    this.accepted.length = 0;
  }

  /** Access tokens that were given out hold no longer. */
  withdrawTokens(): void {
    this.tokens.clear();
  }

  to(endpoint: string): GongApiRequest[] {
    return this.requests.filter((request) => request.endpoint === endpoint);
  }

  /** The most requests that arrived within any one second, refused ones too. */
  mostPerSecond(): number {
    const times = this.requests.map(({ at }) => at).sort((left, right) => left - right);
    return Math.max(0, ...times.map((from) => times.filter((at) => at >= from && at < from + 1_000).length));
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const at = Date.now();
    const url = new URL(request.url ?? '/', this.url);
    const text = await textOf(request);
    if (url.pathname === '/oauth2/generate-customer-token') return this.answerToken(request, response, url);
    const body = (text === '' ? {} : JSON.parse(text)) as AskBody;
    const recorded: GongApiRequest = {
      at,
      endpoint: url.pathname.replace(/^\/v2\//, ''),
      body: { ...body },
      callIds: body.filter?.callIds ?? [],
      cursor: body.cursor ?? url.searchParams.get('cursor'),
      authorization: request.headers.authorization ?? '',
      status: null,
    };
    this.requests.push(recorded);
    const fault = this.faultFor(recorded);
    if (fault?.kind === 'hang') return;
    if (fault?.kind === 'disconnect') return void response.destroy();
    await delay((this.options.answerMs ?? 0) + (fault?.kind === 'slow' ? (fault.delayMs ?? 1_000) : 0));
    const answer =
      this.refusal(recorded) ??
      (fault === undefined ? null : faultAnswer(fault)) ??
      this.rightAnswer(recorded, url, body);
    recorded.status = answer.status;
    send(response, answer);
  }

  private faultFor({ endpoint, callIds, cursor }: GongApiRequest): GongFault | undefined {
    const entry = this.faults.find(({ fault, left }) => {
      const isMeant = fault.endpoint === undefined || fault.endpoint === endpoint;
      const hasCall = fault.callId === undefined || callIds.includes(fault.callId);
      return left > 0 && isMeant && hasCall && (fault.kind !== 'cursor-expired' || cursor !== null);
    });
    if (entry !== undefined) entry.left -= 1;
    return entry?.fault;
  }

  /**
   * The limits come before everything else. Whether refused requests count is not documented: here they do not. Nor is
   * the time of the day's boundary: here it never comes.
   */
  private refusal({ at, authorization }: GongApiRequest): FaultAnswer | null {
    const { perSecond = 3, perDay = 10_000, daySpentRetryAfterSeconds = 3_600 } = this.options;
    if (this.isDaySpent || this.accepted.length >= perDay) return rateLimitAnswer(daySpentRetryAfterSeconds);
    if (this.accepted.filter((earlier) => earlier > at - 1_000).length >= perSecond) {
      return rateLimitAnswer(1);
    }
    this.accepted.push(at);
    const isKnown = authorization === this.basic() || this.tokens.has(authorization.replace(/^Bearer /, ''));
    return isKnown ? null : { status: 401, body: errorBody('The credentials provided are invalid.') };
  }

  private basic(): string {
    const { accessKey = DEFAULT_KEY, accessKeySecret = DEFAULT_SECRET } = this.options;
    return `Basic ${Buffer.from(`${accessKey}:${accessKeySecret}`).toString('base64')}`;
  }

  private rightAnswer({ endpoint, cursor }: GongApiRequest, url: URL, body: AskBody): FaultAnswer {
    const found = this.records.find(endpoint, url, body);
    // 405 and 415 are recorded for wrong methods and types; a wrong path has not been seen.
    if (found === null) return { status: 404, body: errorBody('Not Found') };
    if ('notFound' in found) return { status: 404, body: errorBody(found.notFound) };
    if ('object' in found) {
      return { status: 200, body: JSON.stringify({ requestId: requestId(), ...found.object }) };
    }
    if (found.records.length === 0 && found.emptyMeans404) {
      return { status: 404, body: errorBody(NOTHING_FOUND) };
    }
    return this.page(found, cursor);
  }

  /** Pages of 100 with a cursor, which is absent on the last (OpenAPI description; recorded answers). */
  private page(found: Extract<Found, { listKey: string }>, cursor: string | null): FaultAnswer {
    const { pageSize = 100 } = this.options;
    const from = cursor === null ? 0 : this.cursors.get(cursor);
    if (from === undefined) return { status: 400, body: errorBody('cursor has expired') };
    const page = found.records.slice(from, from + pageSize);
    const next = from + pageSize < found.records.length ? randomBytes(12).toString('base64url') : undefined;
    if (next !== undefined) this.cursors.set(next, from + pageSize);
    const records = {
      totalRecords: found.records.length,
      currentPageSize: page.length,
      currentPageNumber: Math.floor(from / pageSize),
      ...(next !== undefined && { cursor: next }),
    };
    return { status: 200, body: JSON.stringify({ requestId: requestId(), records, [found.listKey]: page }) };
  }

  /**
   * OAuth: client authentication Basic, the grant in the query, the tenant's address in the answer. Each refresh token
   * holds once; that Gong refuses an old one is assumed, the stricter of two readings.
   */
  private answerToken(request: IncomingMessage, response: ServerResponse, url: URL): void {
    const { clientId, clientSecret } = this.options.oauth ?? { clientId: '', clientSecret: '' };
    const basic = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`;
    const isRight =
      request.headers.authorization === basic && url.searchParams.get('grant_type') === 'refresh_token';
    if (!isRight || url.searchParams.get('refresh_token') !== this.refreshToken) {
      return send(response, { status: 400, body: JSON.stringify({ error: 'invalid_grant' }) });
    }
    const accessToken = randomBytes(24).toString('base64url');
    this.refreshToken = randomBytes(24).toString('base64url');
    this.tokens.add(accessToken);
    const answer = {
      access_token: accessToken,
      refresh_token: this.refreshToken,
      token_type: 'bearer',
      expires_in: TOKEN_LIFE_SECONDS,
      scope: 'api:calls:read:basic api:calls:read:extensive api:calls:read:transcript api:users:read',
      api_base_url_for_customer: this.url,
    };
    send(response, { status: 200, body: JSON.stringify(answer) });
  }
}

function send(response: ServerResponse, { status, headers = {}, body }: FaultAnswer): void {
  response
    .writeHead(status, { 'content-type': 'application/json', 'x-traceid': requestId(), ...headers })
    .end(body);
}

function requestId(): string {
  return randomBytes(10).toString('hex').slice(0, 19);
}

function delay(ms: number): Promise<void> {
  return ms === 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, ms));
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
