import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { findRedisBinary } from '../../src/redis/embedded/find-redis-binary.js';
import { freePort } from './free-port.js';
import { waitFor } from './wait-for.js';

/** A Redis of one test's own: own port, own folder, gone with it. */
export interface TestRedis {
  readonly url: string;
  readonly port: number;
  /** Of the server that runs now; another one after a restart. */
  readonly pid: number;
  /** Ends it as a crash does. */
  kill9(): void;
  /** Starts it again on the same port and folder. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface TestRedisOptions {
  readonly appendonly?: boolean;
  /** With `appendonly`. Default: `always`, as the embedded Redis has it. */
  readonly appendfsync?: 'always' | 'everysec';
  /** Further options of redis-server, by name. */
  readonly more?: Readonly<Record<string, string>>;
}

/** Starts a real Redis for a test. */
export async function startRedis({
  appendonly = false,
  appendfsync = 'always',
  more = {},
}: TestRedisOptions = {}): Promise<TestRedis> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'tributary-test-redis-'));
  const durability = appendonly ? ['--appendonly', 'yes', '--appendfsync', appendfsync] : [];
  const extra = Object.entries(more).flatMap(([name, value]) => [`--${name}`, ...value.split(' ')]);
  const start = () => launch(port, folder, [...durability, ...extra]);
  let child = await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    get pid() {
      return Number(child.pid);
    },
    kill9: () => void child.kill('SIGKILL'),
    restart: async () => {
      await ended(child);
      child = await start();
    },
    stop: async () => {
      child.kill('SIGTERM');
      await ended(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function launch(port: number, folder: string, durability: readonly string[]): Promise<ChildProcess> {
  const place = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
  const child = spawn(findRedisBinary(), [...place, ...durability], { stdio: 'ignore' });
  const probe = new Redis({ port, host: '127.0.0.1', lazyConnect: true, retryStrategy: () => null });
  probe.on('error', () => undefined);
  try {
    await waitFor('Redis to answer', async () => {
      if (probe.status !== 'ready') await probe.connect();
      return (await probe.ping()) === 'PONG';
    });
  } finally {
    probe.disconnect();
  }
  return child;
}

async function ended(child: ChildProcess): Promise<void> {
  await waitFor('Redis to end', () => child.exitCode !== null || child.signalCode !== null);
}
