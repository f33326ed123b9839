import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { EVENTS_QUEUE } from '../../../src/contracts/jobs.js';
import { KEY_PREFIX } from '../../../src/contracts/queues.js';
import type { TableName } from '../../../src/contracts/tables.js';
import { GongSigner } from '../../simulators/gong/gong-signer.js';
import { freePort } from '../../support/free-port.js';
import { startRedis, type TestRedis } from '../../support/redis-server.js';
import { waitFor } from '../../support/wait-for.js';
import type { LoadOrder } from '../ingest/load-protocol.js';
import { SubjectProcess, type Usage, usageOf } from '../ingest/subject-process.js';

const MAIN = resolve(__dirname, '../../../dist/main.js');
/** Room for all that a benchmark lets wait: it is the rates that are measured, not the refusals. */
const QUEUE_SIZE = '1000000';
/** A look at the metrics costs the service some milliseconds. */
const POLL_MS = 250;

/** What the service has done of the calls it was sent, as its own metrics count it. */
export interface Progress {
  readonly rawRows: number;
  readonly enhancedRows: number;
  readonly historyRows: number;
  readonly messages: number;
}

/** CPU time and memory so far, of the service and of its Redis. */
export interface Spent {
  readonly service: Usage;
  readonly redis: Usage;
}

/**
 * The built service with ROLE=all and DuckDB, on a Redis that syncs every write, as processes of their own; and
 * what a sender needs to sign for it.
 */
export class TributaryService {
  readonly signer = GongSigner.shared();
  private readonly dataDir = mkdtempSync(join(tmpdir(), 'tributary-bench-'));
  private process?: SubjectProcess;

  private constructor(
    readonly port: number,
    readonly redis: Redis,
    readonly queue: Queue,
    private readonly server: TestRedis,
  ) {}

  /** Everything made, the service not yet started: what is to be there before it can be put there. */
  static async create(): Promise<TributaryService> {
    const server = await startRedis({ appendonly: true, appendfsync: 'always' });
    const redis = new Redis(server.url);
    const queue = new Queue(EVENTS_QUEUE, { connection: redis, prefix: KEY_PREFIX });
    return new TributaryService(await freePort(), redis, queue, server);
  }

  static async started(environment: Readonly<Record<string, string>> = {}): Promise<TributaryService> {
    const service = await TributaryService.create();
    await service.start(environment);
    return service;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get redisUrl(): string {
    return this.server.url;
  }

  get warehousePath(): string {
    return join(this.dataDir, 'warehouse.duckdb');
  }

  async start(environment: Readonly<Record<string, string>> = {}): Promise<void> {
    this.process = await SubjectProcess.start({
      command: 'node',
      args: [MAIN],
      environment: {
        PORT: String(this.port),
        HOST: '127.0.0.1',
        DATA_DIR: this.dataDir,
        REDIS_URL: this.server.url,
        WEBHOOK_BASE_URL: this.url,
        GONG_WEBHOOK_PUBLIC_KEYS: this.signer.publicKeyBase64,
        WEBHOOK_MAX_QUEUE_SIZE: QUEUE_SIZE,
        SHUTDOWN_DELAY_SECONDS: '0',
        RECONCILIATION_ENABLED: 'false',
        ...environment,
      },
      readyUrl: `${this.url}/health/ready`,
    });
  }

  /** Signed calls, as the load generator is told to send them. */
  order(load: Pick<LoadOrder, 'connections' | 'milliseconds' | 'rate' | 'prepared'>): LoadOrder {
    return {
      port: this.port,
      form: 'jwt',
      secret: '',
      privateKey: this.signer.privateKeyPem,
      mayRepeat: false,
      ...load,
    };
  }

  async progress(): Promise<Progress> {
    const metrics = await this.metrics();
    return {
      rawRows: valueOf(metrics, rowsOf('GONG_WEBHOOKS_RAW')),
      enhancedRows: valueOf(metrics, rowsOf('GONG_CALLS_ENHANCED')),
      historyRows: valueOf(metrics, rowsOf('WEBHOOK_PROCESSING_HISTORY')),
      messages: valueOf(metrics, 'notifications_total{channel="sophia:gong:calls"}'),
    };
  }

  /** Rows of a table that this process has written. */
  async rows(table: TableName): Promise<number> {
    return valueOf(await this.metrics(), rowsOf(table));
  }

  spent(): Spent {
    return {
      service: this.process?.usage() ?? { cpuMs: NaN, rssMiB: NaN },
      redis: usageOf(this.server.pid),
    };
  }

  async redisBytes(): Promise<number> {
    return Number(/used_memory:(\d+)/.exec(await this.redis.info('memory'))?.[1]);
  }

  /** Events that are wholly done, since the process began. */
  async whole(): Promise<number> {
    return wholeEvents(await this.progress());
  }

  /** Waits until so many events are wholly done, since the process began. */
  async untilWhole(events: number, timeoutMs = 240_000): Promise<void> {
    const isDone = async () => (await this.whole()) >= events;
    await waitFor(`${events} whole events`, isDone, { timeoutMs, intervalMs: POLL_MS });
  }

  /** Ends the service; Redis and the files stay. */
  async halt(): Promise<void> {
    await this.process?.stop();
    this.process = undefined;
  }

  async stop(): Promise<void> {
    await this.halt();
    await this.queue.close();
    this.redis.disconnect();
    await this.server.stop();
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  private async metrics(): Promise<string> {
    return (await fetch(`${this.url}/metrics`)).text();
  }
}

const rowsOf = (table: TableName) => `warehouse_rows_total{table="${table}"}`;

/** 0 where the series has not begun. */
function valueOf(metrics: string, series: string): number {
  const line = metrics.split('\n').find((candidate) => candidate.startsWith(`${series} `));
  return line === undefined ? 0 : Number(line.slice(series.length + 1));
}

/** Stages that leave a row of history, of an event that does not wait for its vendor. */
const STAGES = 6;

/** Events of which everything is done: raw row, enhanced row and the whole history in DuckDB, and the message told. */
function wholeEvents({ rawRows, enhancedRows, historyRows, messages }: Progress): number {
  return Math.min(rawRows, enhancedRows, Math.floor(historyRows / STAGES), messages);
}
