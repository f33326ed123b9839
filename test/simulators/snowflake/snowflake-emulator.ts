import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync, gzipSync } from 'node:zlib';
import { CANCELED, failureBody, SESSION_EXPIRED, SESSION_GONE } from './snowflake-errors.js';
import { SnowflakeFaults } from './snowflake-faults.js';
import { SnowflakeSession } from './snowflake-session.js';
import { type StatementRequest, type StatementResult, SnowflakeTables } from './snowflake-tables.js';
import { authenticate, type SnowflakeUser } from './snowflake-users.js';

export interface SnowflakeEmulatorOptions {
  readonly users: readonly SnowflakeUser[];
  /** The schemas that exist, as `DATABASE.SCHEMA`. */
  readonly places: readonly string[];
  /** After this time a statement is answered "in progress" and polled; Snowflake waits about 45 s. */
  readonly inProgressAfterMs?: number;
  /** Rows of a result that go into its first answer; the rest is fetched in chunks. */
  readonly chunkRows?: number;
  /** Whether a repeated request id gives the first result again; Snowflake promises it, nobody should need it. */
  readonly isDedupingRequests?: boolean;
}

/** What the server saw of one request. */
export interface SeenRequest {
  readonly path: string;
  readonly sql?: string;
  readonly role?: string;
  readonly requestId: string | null;
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly bytes: number;
}

interface RunningQuery {
  readonly answer: Promise<object>;
  cancel(): void;
}

interface Incoming {
  readonly url: URL;
  readonly body: Record<string, unknown>;
  readonly token: string;
}

const IN_PROGRESS = { code: '333333', message: 'Query execution in progress.' };
const success = (data: unknown, more: object = {}) => ({
  success: true,
  code: null,
  message: null,
  data,
  ...more,
});

/**
 * A server that speaks what snowflake-sdk 3.3.0 speaks over HTTP, so that the real driver can be tested:
 * logins, statements, polling, chunks, renewals, heartbeats, cancels. What it shows and what it cannot is in
 * the README beside it.
 */
export class SnowflakeEmulator {
  readonly faults = new SnowflakeFaults();
  readonly seen: SeenRequest[] = [];
  private readonly sessions = new Map<string, SnowflakeSession>();
  private readonly expired = new Set<string>();
  private readonly queries = new Map<string, RunningQuery>();
  private readonly queryOfRequest = new Map<string, string>();
  private readonly chunks = new Map<string, Buffer>();
  private server?: Server;
  private port = 0;
  private nextSessionId = 1;

  private constructor(
    private readonly options: SnowflakeEmulatorOptions,
    private readonly tables: SnowflakeTables,
  ) {}

  static async start(options: SnowflakeEmulatorOptions): Promise<SnowflakeEmulator> {
    const emulator = new SnowflakeEmulator(options, await SnowflakeTables.create(options.places));
    await emulator.goUp();
    return emulator;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get openSessions(): number {
    return this.sessions.size;
  }

  /** Statements seen so far. */
  get statements(): readonly string[] {
    return this.seen.flatMap(({ sql }) => (sql === undefined ? [] : [sql]));
  }

  /** Looks into the tables of a place from outside, in DuckDB's SQL. */
  peek(place: string, sql: string): Promise<Record<string, unknown>[]> {
    return this.tables.peek(place, sql);
  }

  /** The most statements that ever changed a table or waited to, at once. */
  mostAtOnce(place: string, table: string): number {
    return this.tables.mostAtOnce(place, table);
  }

  /** Comes back on the port it had, with the data it had. */
  async goUp(): Promise<void> {
    const server = createServer((request, response) => {
      this.answer(request, response).catch((error: Error) => {
        response.writeHead(500).end(error.message);
      });
    });
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    this.port = (server.address() as AddressInfo).port;
    this.server = server;
  }

  /** Connections break and new ones are refused; what was committed stays. */
  async goDown(): Promise<void> {
    const server = this.server;
    this.server = undefined;
    server?.closeAllConnections();
    await new Promise<void>((resolve) => (server === undefined ? resolve() : server.close(() => resolve())));
  }

  async stop(): Promise<void> {
    await this.goDown();
    await Promise.allSettled([...this.queries.values()].map(({ answer }) => answer));
    for (const session of this.sessions.values()) session.connection.closeSync();
    this.tables.close();
  }

  /** Every session must renew its token before its next statement (390112). */
  expireSessions(): void {
    for (const token of this.sessions.keys()) this.expired.add(token);
  }

  /** Every session is gone, as after an idle timeout (390111). */
  endSessions(): void {
    this.sessions.clear();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const incoming = await this.read(request);
    const { url, body } = incoming;
    const chunk = this.chunks.get(url.pathname);
    if (chunk !== undefined) {
      response.writeHead(200, { 'content-type': 'text/plain', 'content-encoding': 'gzip' }).end(chunk);
      return;
    }
    const sql = typeof body.sqlText === 'string' ? body.sqlText : '';
    const effect = this.faults.strike(`${url.pathname} ${sql}`);
    switch (effect?.type) {
      case 'status':
        response.writeHead(effect.status).end(effect.body);
        return;
      case 'hang':
        return;
      case 'malformed':
        response.writeHead(200, { 'content-type': 'application/json' }).end('{"success": tr');
        return;
      case 'failure':
        send(response, failureBody(effect.failure, randomUUID()));
        return;
      case 'reset-after-commit':
        await this.route(incoming, 0);
        request.socket.destroy();
        return;
      case 'slow':
        send(response, await this.route(incoming, effect.ms));
        return;
      case undefined:
        send(response, await this.route(incoming, 0));
    }
  }

  private async read(request: IncomingMessage): Promise<Incoming> {
    const url = new URL(request.url ?? '/', this.url);
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const sent = Buffer.concat(parts);
    const bytes = request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
    const body = (bytes.length === 0 ? {} : JSON.parse(bytes.toString())) as Record<string, unknown>;
    const token = /Token="(.*)"/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    this.seen.push({
      path: url.pathname,
      requestId: url.searchParams.get('requestId'),
      bytes: bytes.length,
      ...(typeof body.sqlText === 'string' && { sql: body.sqlText }),
      ...(this.sessions.has(token) && { role: this.sessions.get(token)?.role }),
      ...(typeof body.parameters === 'object' && { parameters: body.parameters as Record<string, unknown> }),
    });
    return { url, body, token };
  }

  private async route(incoming: Incoming, delayMs: number): Promise<object> {
    const { url, body, token } = incoming;
    if (url.pathname === '/session/v1/login-request') return this.logIn(url, body);
    if (url.pathname === '/telemetry/send') return success(null);
    if (url.pathname === '/session/token-request') return this.renew(token);
    const session = this.sessions.get(token);
    if (session === undefined) return failureBody(SESSION_GONE);
    if (this.expired.has(token)) return failureBody(SESSION_EXPIRED);
    return this.routeInSession(session, incoming, delayMs);
  }

  private async routeInSession(
    session: SnowflakeSession,
    incoming: Incoming,
    delayMs: number,
  ): Promise<object> {
    const { url, body } = incoming;
    const [, ofQuery, action] = /^\/queries\/([^/]+)\/(result|abort-request)$/.exec(url.pathname) ?? [];
    if (url.pathname === '/session/heartbeat') return success(null);
    if (url.pathname === '/session' && url.searchParams.has('delete')) return this.logOut(session);
    if (url.pathname === '/queries/v1/abort-request') {
      this.queries.get(this.queryOfRequest.get(`${session.id}/${String(body.requestId)}`) ?? '')?.cancel();
      return success(null);
    }
    if (ofQuery !== undefined && action === 'abort-request') {
      this.queries.get(ofQuery)?.cancel();
      return success(null);
    }
    if (ofQuery !== undefined) return this.resultOf(ofQuery);
    if (url.pathname === '/queries/v1/query-request') {
      const requestId = url.searchParams.get('requestId') ?? randomUUID();
      return this.query(session, requestId, body as unknown as StatementRequest, delayMs);
    }
    return failureBody({ code: '390404', sqlState: '08001', message: `no route ${url.pathname}` });
  }

  private async logIn(url: URL, body: Record<string, unknown>): Promise<object> {
    const user = authenticate(this.options.users, body.data ?? {});
    if (typeof user === 'string') {
      return failureBody({ code: user, sqlState: '08001', message: 'The credentials are refused.' });
    }
    const role = url.searchParams.get('roleName') ?? Object.keys(user.roles)[0] ?? '';
    if (user.roles[role] === undefined) {
      return failureBody({
        code: '390189',
        sqlState: '08001',
        message: 'The role is not granted to the user.',
      });
    }
    const wanted = [url.searchParams.get('databaseName'), url.searchParams.get('schemaName')].join('.');
    const { connection, place } = await this.tables.connect(wanted.toUpperCase());
    const session = new SnowflakeSession(this.nextSessionId++, user, role, place, connection);
    this.sessions.set(session.token, session);
    return success({
      token: session.token,
      masterToken: session.masterToken,
      validityInSeconds: 3600,
      masterValidityInSeconds: 14_400,
      sessionId: session.id,
      parameters: [{ name: 'TIMEZONE', value: 'UTC' }],
      sessionInfo: { roleName: role },
    });
  }

  private logOut(session: SnowflakeSession): object {
    this.sessions.delete(session.token);
    session.inTurn(async () => session.connection.closeSync()).catch(() => undefined);
    return success(null);
  }

  /** A new pair of tokens for the master token of a session. */
  private renew(masterToken: string): object {
    const session = [...this.sessions.values()].find((candidate) => candidate.masterToken === masterToken);
    if (session === undefined) {
      return failureBody({ code: '390114', sqlState: '08001', message: 'Authentication token has expired.' });
    }
    this.sessions.delete(session.token);
    session.renewTokens();
    this.sessions.set(session.token, session);
    return success({
      sessionToken: session.token,
      validityInSecondsST: 3600,
      masterToken: session.masterToken,
      validityInSecondsMT: 14_400,
    });
  }

  private query(
    session: SnowflakeSession,
    requestId: string,
    request: StatementRequest,
    delayMs: number,
  ): Promise<object> {
    const request_ = `${session.id}/${requestId}`;
    const known = this.options.isDedupingRequests === false ? undefined : this.queryOfRequest.get(request_);
    if (known !== undefined) return this.resultOf(known);
    const queryId = randomUUID();
    this.queryOfRequest.set(request_, queryId);
    this.queries.set(queryId, this.launch(session, request, queryId, delayMs));
    return this.resultOf(queryId);
  }

  private launch(
    session: SnowflakeSession,
    request: StatementRequest,
    queryId: string,
    delayMs: number,
  ): RunningQuery {
    let isCanceled = false;
    let isRunning = false;
    let reportCanceled: (answer: object) => void;
    const canceled = new Promise<object>((resolve) => (reportCanceled = resolve));
    const run = session.inTurn(async () => {
      if (delayMs > 0) {
        await Promise.race([new Promise((resolve) => setTimeout(resolve, delayMs).unref()), canceled]);
      }
      isRunning = true;
      const result = await this.tables.run(session, request, queryId, () => isCanceled);
      isRunning = false;
      return 'error' in result ? result.error : this.resultBody(queryId, result);
    });
    return {
      answer: Promise.race([run, canceled]),
      cancel: () => {
        isCanceled = true;
        if (isRunning) session.connection.interrupt();
        reportCanceled(failureBody(CANCELED, queryId));
      },
    };
  }

  /** The answer when it is there in time, else where to ask for it. */
  private async resultOf(queryId: string): Promise<object> {
    const query = this.queries.get(queryId);
    if (query === undefined) {
      return failureBody({ code: '000709', sqlState: '02000', message: `Statement ${queryId} not found` });
    }
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), this.options.inProgressAfterMs ?? 1_000);
    });
    const answer = await Promise.race([query.answer, late]);
    clearTimeout(timer);
    return answer ?? success({ queryId, getResultUrl: `/queries/${queryId}/result` }, IN_PROGRESS);
  }

  private resultBody(queryId: string, { typeId, columns, rows }: StatementResult): object {
    const chunkRows = this.options.chunkRows ?? 10_000;
    const chunks: object[] = [];
    for (let from = chunkRows; from < rows.length; from += chunkRows) {
      const part = rows.slice(from, from + chunkRows);
      const path = `/chunks/${queryId}/${chunks.length}`;
      // The body of a chunk is the rows without the outer brackets.
      const text = JSON.stringify(part).slice(1, -1);
      this.chunks.set(path, gzipSync(text));
      chunks.push({ url: `${this.url}${path}`, rowCount: part.length, uncompressedSize: text.length });
    }
    return success({
      queryId,
      parameters: [],
      rowtype: columns,
      rowset: rows.slice(0, chunkRows),
      total: rows.length,
      returned: rows.length,
      statementTypeId: typeId,
      version: 1,
      queryResultFormat: 'json',
      ...(chunks.length > 0 && { chunks, chunkHeaders: {} }),
    });
  }
}

function send(response: ServerResponse, body: object): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
