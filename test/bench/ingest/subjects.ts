import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from '../../support/free-port.js';
import { startRedis, type TestRedis } from '../../support/redis-server.js';
import { compiledServer } from './compiled-server.js';
import type { LoadOrder } from './load-protocol.js';
import { SubjectProcess } from './subject-process.js';

const ROOT = resolve(__dirname, '../../..');

/** Something that takes webhooks, ready to be measured. */
export interface Subject {
  readonly name: string;
  readonly port: number;
  readonly form: LoadOrder['form'];
  readonly process: SubjectProcess;
  /** Where it queues events; undefined where it queues nothing, so that repeats do no harm. */
  readonly redis?: Redis;
  readonly redisPid?: number;
  /** Empties what earlier slices have queued. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

export interface Keys {
  readonly secret: string;
  readonly publicKey: string;
}

const nothing = async () => undefined;

/** A server of `servers/` that keeps nothing. */
export async function stateless(name: string, file: string, secret?: string): Promise<Subject> {
  const port = await freePort();
  const process = await SubjectProcess.start({
    ...nodeServer(file),
    environment: { PORT: String(port), ...(secret !== undefined && { BENCH_SECRET: secret }) },
    readyUrl: `http://127.0.0.1:${port}/health`,
  });
  return { name, port, form: 'hmac', process, reset: nothing, stop: () => process.stop() };
}

export async function nestTutorial({ secret }: Keys): Promise<Subject> {
  const redis = await startRedis({ appendonly: true, appendfsync: 'everysec' });
  return queueing('Nest tutorial, everysec', redis, secret, nodeServer('nest-tutorial.server.ts'));
}

/** Undefined where Python or one of its packages is missing (Debian: python3-fastapi and others). */
export async function fastApi({ secret }: Keys): Promise<Subject | undefined> {
  const probe = spawnSync('python3', ['-c', 'import fastapi, uvicorn, redis.asyncio']);
  if (probe.status !== 0) return undefined;
  const redis = await startRedis({ appendonly: true, appendfsync: 'everysec' });
  const args = [join(__dirname, 'servers/fastapi_server.py')];
  return queueing('FastAPI, everysec', redis, secret, { command: 'python3', args });
}

/**
 * The built service as the front door alone (ROLE=api): what a worker does none of the others does either. It names
 * a Snowflake, because the embedded warehouse belongs to ROLE=all, and never calls on it.
 */
export async function tributary(appendfsync: 'always' | 'everysec', keys: Keys): Promise<Subject> {
  const redisServer = await startRedis({ appendonly: true, appendfsync });
  const redis = new Redis(redisServer.url);
  const port = await freePort();
  const dataDir = mkdtempSync(join(tmpdir(), 'tributary-bench-'));
  const process = await SubjectProcess.start({
    command: 'node',
    args: [join(ROOT, 'dist/main.js')],
    environment: tributaryEnvironment({ port, dataDir, redisUrl: redisServer.url, keys }),
    readyUrl: `http://127.0.0.1:${port}/health/ready`,
  });
  return {
    name: `Tributary, ${appendfsync}`,
    port,
    form: 'hmac',
    process,
    redis,
    redisPid: redisServer.pid,
    reset: async () => void (await redis.flushall()),
    stop: async () => {
      await process.stop();
      redis.disconnect();
      await redisServer.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

interface TributaryPlace {
  readonly port: number;
  readonly dataDir: string;
  readonly redisUrl: string;
  readonly keys: Keys;
}

function tributaryEnvironment({ port, dataDir, redisUrl, keys }: TributaryPlace): Record<string, string> {
  return {
    ROLE: 'api',
    WAREHOUSE: 'snowflake',
    SNOWFLAKE_ACCOUNT: 'nobody',
    SNOWFLAKE_USER: 'nobody',
    SNOWFLAKE_TOKEN: 'a-token-that-nobody-is-ever-shown',
    SNOWFLAKE_WAREHOUSE: 'NONE',
    SNOWFLAKE_DATABASE: 'NONE',
    SNOWFLAKE_SCHEMA: 'NONE',
    SHUTDOWN_DELAY_SECONDS: '0',
    PORT: String(port),
    HOST: '127.0.0.1',
    DATA_DIR: dataDir,
    REDIS_URL: redisUrl,
    WEBHOOK_BASE_URL: `http://127.0.0.1:${port}`,
    WEBHOOK_SECRETS: keys.secret,
    GONG_WEBHOOK_PUBLIC_KEYS: keys.publicKey,
    WEBHOOK_MAX_QUEUE_SIZE: '1000000',
  };
}

function nodeServer(file: string): { command: string; args: string[] } {
  return { command: 'node', args: [compiledServer(file)] };
}

async function queueing(
  name: string,
  redisServer: TestRedis,
  secret: string,
  program: { command: string; args: string[] },
): Promise<Subject> {
  const port = await freePort();
  const process = await SubjectProcess.start({
    ...program,
    environment: {
      PORT: String(port),
      BENCH_SECRET: secret,
      BENCH_REDIS_PORT: String(redisServer.port),
    },
    readyUrl: `http://127.0.0.1:${port}/health`,
  });
  const redis = new Redis(redisServer.url);
  return {
    name,
    port,
    form: 'hmac',
    process,
    redis,
    redisPid: redisServer.pid,
    reset: async () => void (await redis.flushall()),
    stop: async () => {
      await process.stop();
      redis.disconnect();
      await redisServer.stop();
    },
  };
}
