import { randomBytes, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type CogneeDataset, type CogneeDocument, CogneeLibrary } from './cognee-library.js';

export interface CogneeSimulatorOptions {
  /** 0 picks a free one; a given one lets a server come back where it was. */
  readonly port?: number;
  /** ENABLE_BACKEND_ACCESS_CONTROL: decides the shape of a search's answer. On by default since v0.5. */
  readonly accessControl?: boolean;
  /** REQUIRE_AUTHENTICATION; on by default since v0.5. */
  readonly requireAuthentication?: boolean;
  /** Answers as v0.5 does: ids of content, 409 and 420 for errors, its documentation's status words. */
  readonly isOld?: boolean;
}

export interface CogneeAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface CogneeRequestLog {
  /** `POST /api/v1/add`, without the query. */
  readonly route: string;
  readonly contentType: string;
  /** Of a JSON body; for an upload its fields. */
  readonly body: unknown;
}

interface Request {
  readonly route: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly bytes: Buffer;
}

/** What happens to the next requests of a route instead of an answer. */
type Mishap =
  | { readonly type: 'answer'; readonly answer: CogneeAnswer }
  /** The work is done and the connection closed without an answer. */
  | { readonly type: 'lost' }
  /** Neither is done: the request hangs until the simulator stops. */
  | { readonly type: 'hang' };

export const COGNEE_USER = { username: 'default_user@example.com', password: 'default_password' };

const UNAUTHORIZED: CogneeAnswer = { status: 401, body: { detail: 'Unauthorized' } };

/**
 * A Cognee server over HTTP: what its routers answer (topoteretes/cognee v1.5.2, `cognee/api/v1/*`/routers, and
 * v0.5 with `isOld`). What was added is found when a run of cognify has processed it, and not before.
 */
export class CogneeSimulator {
  readonly library = new CogneeLibrary();
  readonly requests: CogneeRequestLog[] = [];
  /** The server does not take connections' requests: it closes them, as a host that restarts does. */
  isDown = false;
  /** How long a run of cognify takes. */
  processingMs = 5;
  /** Runs of cognify wait while this is true. */
  isProcessingPaused = false;
  /** So many of the next runs fail. */
  failingRuns = 0;
  runs = 0;
  logins = 0;
  private readonly tokens = new Set<string>();
  private readonly apiKeys = new Set<string>();
  private readonly mishaps = new Map<string, Mishap[]>();
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly options: CogneeSimulatorOptions,
  ) {}

  static async start(options: CogneeSimulatorOptions = {}): Promise<CogneeSimulator> {
    const server = createServer();
    const simulator = new CogneeSimulator(server, options);
    server.on('request', (request, response) => void simulator.serve(request, response));
    server.on('connection', (socket) => {
      simulator.sockets.add(socket);
      socket.on('close', () => simulator.sockets.delete(socket));
    });
    await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
    return simulator;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** An API key, as an operator makes one (POST /auth/api-keys). */
  newApiKey(): string {
    const key = randomBytes(32).toString('hex');
    this.apiKeys.add(key);
    return key;
  }

  /** All tokens run out, as they do after an hour, or when the server gets another secret. */
  expireTokens(): void {
    this.tokens.clear();
  }

  /** Deletes everything, as an operator who sets the server up anew. */
  wipe(): void {
    this.library.datasets.clear();
  }

  documents(datasetName: string): CogneeDocument[] {
    const dataset = [...this.library.datasets.values()].find(({ name }) => name === datasetName);
    return [...(dataset?.documents.values() ?? [])];
  }

  /** The next requests of the route get this answer. */
  answerNext(route: string, answer: CogneeAnswer, times = 1): void {
    this.plan(route, { type: 'answer', answer }, times);
  }

  /** The next request of the route is done, but its answer is lost. */
  loseAnswer(route: string): void {
    this.plan(route, { type: 'lost' }, 1);
  }

  /** The next request of the route hangs, and nothing is done. */
  hangNext(route: string): void {
    this.plan(route, { type: 'hang' }, 1);
  }

  /** Whether everything that was planned for the next requests has happened. */
  get hasHappened(): boolean {
    return this.mishaps.size === 0 && this.failingRuns === 0;
  }

  requestsOf(route: string): CogneeRequestLog[] {
    return this.requests.filter((request) => request.route.startsWith(route));
  }

  private plan(route: string, mishap: Mishap, times: number): void {
    const planned = this.mishaps.get(route) ?? [];
    this.mishaps.set(route, [...planned, ...Array<Mishap>(times).fill(mishap)]);
  }

  private async serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    if (this.isDown) {
      incoming.socket.destroy();
      return;
    }
    const url = new URL(incoming.url ?? '/', this.url);
    const route = `${incoming.method} ${url.pathname}`;
    const request = { route, url, headers: incoming.headers, bytes: Buffer.concat(chunks) };
    const mishap = this.mishapFor(route);
    if (mishap?.type === 'hang') {
      this.requests.push({ route, contentType: incoming.headers['content-type'] ?? '', body: null });
      return;
    }
    const answer = mishap?.type === 'answer' ? mishap.answer : await this.answer(request);
    if (mishap?.type === 'lost') incoming.socket.destroy();
    else {
      response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
      response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
    }
  }

  /** A plan may name a route by its beginning, because data ids are not known beforehand. */
  private mishapFor(route: string): Mishap | undefined {
    const [planned, mishaps] = [...this.mishaps].find(([prefix]) => route.startsWith(prefix)) ?? [];
    const mishap = mishaps?.shift();
    if (planned !== undefined && mishaps?.length === 0) this.mishaps.delete(planned);
    return mishap;
  }

  private async answer(request: Request): Promise<CogneeAnswer> {
    const { route, headers } = request;
    if (route === 'GET /health') {
      return { status: 200, body: { status: 'ready', health: 'healthy', version: '1.5.2' } };
    }
    const body = await bodyOf(request);
    this.requests.push({ route, contentType: headers['content-type'] ?? '', body: fieldsIn(body) });
    if (route === 'POST /api/v1/auth/login') return this.login(body);
    if (!this.isAuthenticated(headers)) return UNAUTHORIZED;
    if (route === 'POST /api/v1/datasets') return this.createDataset(body);
    if (route === 'POST /api/v1/add') return this.add(body);
    if (route === 'POST /api/v1/cognify') return this.cognify(body);
    if (route === 'GET /api/v1/datasets/status') return this.status(request.url);
    if (route === 'POST /api/v1/search') return this.search(body);
    return this.rawDocument(request) ?? this.ofDataset(request);
  }

  /** A form, not JSON; a bad login is 400 (fastapi-users). */
  private login(body: unknown): CogneeAnswer {
    this.logins += 1;
    const { username, password } = fieldsIn(body);
    if (username !== COGNEE_USER.username || password !== COGNEE_USER.password) {
      return { status: 400, body: { detail: 'LOGIN_BAD_CREDENTIALS' } };
    }
    const token = `${randomUUID()}.${randomUUID()}`;
    this.tokens.add(token);
    return { status: 200, body: { access_token: token, token_type: 'bearer' } };
  }

  private isAuthenticated(headers: IncomingMessage['headers']): boolean {
    if (this.options.requireAuthentication === false) return true;
    const [, token] = /^Bearer (.+)$/.exec(headers.authorization ?? '') ?? [];
    return this.tokens.has(token ?? '') || this.apiKeys.has(String(headers['x-api-key'] ?? ''));
  }

  private createDataset(body: unknown): CogneeAnswer {
    const { name } = fieldsIn(body);
    if (typeof name !== 'string') return invalid(['body', 'name']);
    // Names with spaces or dots are refused inside, which this router answers as 418.
    if (/[\s.]/.test(name)) return { status: 418, body: { detail: 'Error creating dataset' } };
    const { id, createdAt } = this.library.dataset(name);
    return { status: 200, body: { id, name, createdAt, updatedAt: null, ownerId: randomUUID() } };
  }

  /** Multipart with file parts; validation errors are 400 in Cognee, not FastAPI's 422. */
  private async add(body: unknown): Promise<CogneeAnswer> {
    if (!(body instanceof FormData)) return invalid(['body', 'data']);
    const file = body.get('data');
    const datasetName = body.get('datasetName');
    if (typeof datasetName !== 'string') {
      return {
        status: 400,
        body: { error: 'Either datasetId or datasetName must be provided.', detail: null },
      };
    }
    if (file === null || typeof file === 'string') return invalid(['body', 'data', 0]);
    const dataset = this.library.dataset(datasetName);
    const text = await file.text();
    const nodeSets = body.getAll('node_set').map(String);
    const { document, isNew } = this.library.add(dataset, { name: file.name, text, nodeSets }, this.isOld);
    const run = runInfo(dataset, 'PipelineRunCompleted');
    const itemStatus = isNew ? 'PipelineRunCompleted' : 'PipelineRunAlreadyCompleted';
    const info = { run_info: runInfo(dataset, itemStatus), data_id: document.id };
    return { status: 200, body: { ...run, data_ingestion_info: [info] } };
  }

  private cognify(body: unknown): CogneeAnswer {
    const { datasets } = fieldsIn(body);
    if (!Array.isArray(datasets) || datasets.length === 0) {
      return { status: 400, body: { error: 'No datasets or dataset_ids provided', detail: null } };
    }
    const runs = datasets.map((name) => this.library.dataset(String(name)));
    for (const dataset of runs) void this.process(dataset);
    return {
      status: 200,
      body: Object.fromEntries(runs.map((dataset) => [dataset.id, runInfo(dataset, 'PipelineRunStarted')])),
    };
  }

  /** A run in the background over what is there when it begins. */
  private async process(dataset: CogneeDataset): Promise<void> {
    this.runs += 1;
    dataset.status = 'DATASET_PROCESSING_STARTED';
    const documents = [...dataset.documents.values()];
    const willFail = this.failingRuns > 0;
    if (willFail) this.failingRuns -= 1;
    do await new Promise((resolve) => setTimeout(resolve, this.processingMs).unref());
    while (this.isProcessingPaused);
    if (!willFail) for (const document of documents) document.isProcessed = true;
    dataset.status = willFail ? 'DATASET_PROCESSING_ERRORED' : 'DATASET_PROCESSING_COMPLETED';
  }

  private status(url: URL): CogneeAnswer {
    const known = url.searchParams.getAll('dataset').flatMap((id) => this.library.datasets.get(id) ?? []);
    const entries = known.flatMap(({ id, status }) =>
      status === undefined ? [] : [[id, this.statusWord(status)]],
    );
    return { status: 200, body: Object.fromEntries(entries) as unknown };
  }

  /** With `isOld` the words of Cognee's own documentation, in case a server says what it documents. */
  private statusWord(status: string): string {
    if (!this.isOld) return status;
    const words: Record<string, string> = { STARTED: 'running', COMPLETED: 'completed', ERRORED: 'failed' };
    return words[status.replace('DATASET_PROCESSING_', '')] ?? 'pending';
  }

  private search(body: unknown): CogneeAnswer {
    const { searchType, query, datasets, topK } = fieldsIn(body);
    if (typeof query !== 'string' || typeof searchType !== 'string') return invalid(['body', 'query']);
    const names = Array.isArray(datasets) ? datasets.map(String) : [];
    const dataset = [...this.library.datasets.values()].find(({ name }) => names.includes(name));
    if (dataset === undefined) {
      const detail = 'No datasets found. [DatasetNotFoundError]';
      return this.isOld ? { status: 409, body: { error: detail } } : { status: 404, body: { detail } };
    }
    if (dataset.status === undefined) {
      return { status: 422, body: { detail: 'Nothing to search yet. [SearchPreconditionError]' } };
    }
    const found = this.library.search(dataset, query, Number(topK ?? 10));
    const result = found.map(({ document, distance }) => ({
      id: randomUUID(),
      text: document.text,
      chunk_index: 0,
      // modules/retrieval/chunks_retriever.py: the vector store's payload, and its distance as `score`. Older ones
      // give the text alone; since which version was not found out.
      ...(!this.isOld && { belongs_to_set: document.nodeSets, score: distance }),
    }));
    const isWrapped = this.options.accessControl ?? true;
    const wrapped = [{ search_result: result, dataset_id: dataset.id, dataset_name: dataset.name }];
    return { status: 200, body: isWrapped ? wrapped : result };
  }

  /** The file as it was uploaded (`GET /datasets/{id}/data/{id}/raw`, a FileResponse). */
  private rawDocument({ route }: Request): CogneeAnswer | undefined {
    const [, datasetId = '', dataId = ''] =
      /^GET \/api\/v1\/datasets\/([^/]+)\/data\/([^/]+)\/raw$/.exec(route) ?? [];
    if (dataId === '') return undefined;
    const document = this.library.datasets.get(datasetId)?.documents.get(dataId);
    if (document === undefined) return { status: 404, body: { detail: 'No data found' } };
    return { status: 200, body: document.text, headers: { 'content-type': 'text/plain; charset=utf-8' } };
  }

  private ofDataset({ route }: Request): CogneeAnswer {
    const [, method, datasetId = '', dataId] =
      /^(\w+) \/api\/v1\/datasets\/([^/]+)\/data(?:\/([^/]+))?$/.exec(route) ?? [];
    const dataset = this.library.datasets.get(datasetId);
    if (method === 'GET' && dataId === undefined) {
      if (dataset === undefined) {
        return { status: 404, body: { message: `Dataset (${datasetId}) not found.` } };
      }
      return { status: 200, body: [...dataset.documents.values()].map((item) => dataDto(item, datasetId)) };
    }
    if (method === 'DELETE' && dataId !== undefined) {
      // A data id that is not there is a success too.
      dataset?.documents.delete(dataId);
      return { status: 200, body: null };
    }
    return { status: 404, body: { detail: 'Not Found' } };
  }

  private get isOld(): boolean {
    return this.options.isOld ?? false;
  }
}

function runInfo(dataset: CogneeDataset, status: string): Record<string, unknown> {
  return {
    status,
    pipeline_run_id: randomUUID(),
    dataset_id: dataset.id,
    dataset_name: dataset.name,
    payload: null,
    data_ingestion_info: null,
  };
}

function dataDto({ id, name, createdAt }: CogneeDocument, datasetId: string): Record<string, unknown> {
  return { id, name, createdAt, updatedAt: null, extension: 'txt', mimeType: 'text/plain', datasetId };
}

function invalid(loc: readonly (string | number)[]): CogneeAnswer {
  return { status: 400, body: { detail: [{ type: 'missing', loc, msg: 'Field required' }], body: null } };
}

async function bodyOf({ headers, bytes }: Request): Promise<unknown> {
  const type = headers['content-type'] ?? '';
  if (type.startsWith('application/json')) return JSON.parse(bytes.toString('utf8'));
  if (type.startsWith('application/x-www-form-urlencoded')) {
    return Object.fromEntries(new URLSearchParams(bytes.toString('utf8')));
  }
  if (!type.startsWith('multipart/form-data')) return undefined;
  return new Response(bytes, { headers: { 'content-type': type } }).formData();
}

/** The fields of a body for reading and for the log: of an upload, each field with its values and file names. */
function fieldsIn(body: unknown): Record<string, unknown> {
  if (!(body instanceof FormData)) return (body ?? {}) as Record<string, unknown>;
  const names = [...new Set(body.keys())];
  const shown = (value: File | string) =>
    typeof value === 'string' ? value : { file: value.name, type: value.type };
  return Object.fromEntries(names.map((name) => [name, body.getAll(name).map(shown)]));
}
