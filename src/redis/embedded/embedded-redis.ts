import { spawn } from 'node:child_process';
import { mkdirSync, openSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { Redis } from 'ioredis';
import { findRedisBinary } from './find-redis-binary.js';

/** Reading a large append-only file takes its time; a Redis that says it is loading is alive. */
const LOADING_DEADLINE_MS = 120_000;
const START_DEADLINE_MS = 15_000;
const STOP_DEADLINE_MS = 10_000;
const POLL_MS = 25;
const START_TRIES = 3;

interface Registration {
  readonly pid: number;
  readonly port: number;
}

/**
 * The Redis that the service starts for itself where none is configured: a detached child on loopback with
 * its data in the service's folder. It syncs every write, so a 200 is on disk. It outlives a service that was
 * killed, and the next start adopts it again.
 */
export class EmbeddedRedis {
  private constructor(
    private readonly folder: string,
    readonly pid: number,
    readonly port: number,
    /** Whether it was already running. */
    readonly adopted: boolean,
  ) {}

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /**
   * Starts the Redis of a data folder, or adopts the one that still runs there.
   * @throws when there is no Redis binary (saying what to do) or it does not start.
   */
  static async start(dataDir: string): Promise<EmbeddedRedis> {
    const folder = resolve(dataDir, 'redis');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const known = readRegistration(folder);
    if (known !== undefined && (await isOurs(known, folder))) {
      return new EmbeddedRedis(folder, known.pid, known.port, true);
    }
    let lastError: unknown;
    for (let attempt = 0; attempt < START_TRIES; attempt += 1) {
      try {
        // A port that was free may be taken by the time Redis binds it: then another one.
        const started = await launch(folder, await freePort());
        return new EmbeddedRedis(folder, started.pid, started.port, false);
      } catch (error) {
        lastError = error;
      }
    }
    throw lastError;
  }

  /** Stops it, with everything on disk, and waits until it has ended. */
  async stop(): Promise<void> {
    const client = connectTo(this.port);
    try {
      await client.connect();
      // Everything is in the append-only file; the answer to SHUTDOWN is the end of the connection.
      await client.shutdown('NOSAVE').catch(() => undefined);
    } finally {
      client.disconnect();
    }
    await until('Redis to end', STOP_DEADLINE_MS, () => Promise.resolve(!isAlive(this.pid)));
    rmSync(registrationPath(this.folder), { force: true });
  }
}

async function launch(folder: string, port: number): Promise<Registration> {
  const log = openSync(join(folder, 'redis.log'), 'a', 0o600);
  const options = {
    '--bind': '127.0.0.1',
    '--port': String(port),
    '--protected-mode': 'yes',
    '--dir': folder,
    '--appendonly': 'yes',
    '--appendfsync': 'always',
    '--save': '',
    '--maxmemory-policy': 'noeviction',
    '--daemonize': 'no',
  };
  const child = spawn(findRedisBinary(), Object.entries(options).flat(), {
    detached: true,
    stdio: ['ignore', log, log],
  });
  const failed = new Promise<never>((_resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) =>
      reject(new Error(`the embedded Redis ended with code ${code}; see ${join(folder, 'redis.log')}`)),
    );
  });
  const { pid } = child;
  if (pid === undefined) return failed;
  child.unref();
  const registration = { pid, port };
  // Known before it answers: a service killed now finds it again.
  writeRegistration(folder, registration);
  await Promise.race([answers(port), failed]);
  return registration;
}

/** Waits until it answers; while it loads its file it may take longer. */
async function answers(port: number): Promise<void> {
  const client = connectTo(port);
  let deadlineMs = START_DEADLINE_MS;
  const startedAt = Date.now();
  try {
    while (Date.now() - startedAt < deadlineMs) {
      const reply = await pingReply(client);
      if (reply === 'PONG') return;
      if (reply.includes('LOADING')) deadlineMs = LOADING_DEADLINE_MS;
      await pause(POLL_MS);
    }
  } finally {
    client.disconnect();
  }
  throw new Error(`the embedded Redis did not answer within ${deadlineMs} ms`);
}

async function pingReply(client: Redis): Promise<string> {
  try {
    if (client.status === 'wait' || client.status === 'end') await client.connect();
    return await client.ping();
  } catch (error) {
    return (error as Error).message;
  }
}

/** Whether that process still answers there and keeps its data in our folder: never adopt another's Redis. */
async function isOurs({ pid, port }: Registration, folder: string): Promise<boolean> {
  if (!isAlive(pid)) return false;
  const client = connectTo(port);
  try {
    await answers(port);
    await client.connect();
    const [, dir] = await client.config('GET', 'dir');
    return dir !== undefined && realpathSync(dir) === realpathSync(folder);
  } catch {
    // The pid belongs to somebody else by now, and nothing of ours answers there.
    return false;
  } finally {
    client.disconnect();
  }
}

function connectTo(port: number): Redis {
  const client = new Redis({
    host: '127.0.0.1',
    port,
    lazyConnect: true,
    enableReadyCheck: false,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    connectTimeout: 2_000,
    commandTimeout: 5_000,
  });
  // Each failed command tells its caller.
  client.on('error', () => undefined);
  return client;
}

function registrationPath(folder: string): string {
  return join(folder, 'embedded.json');
}

function readRegistration(folder: string): Registration | undefined {
  try {
    const { pid, port } = JSON.parse(readFileSync(registrationPath(folder), 'utf8')) as Partial<Registration>;
    return Number.isInteger(pid) && Number.isInteger(port)
      ? { pid: Number(pid), port: Number(port) }
      : undefined;
  } catch {
    // Absent or half-written: there is nothing to adopt.
    return undefined;
  }
}

function writeRegistration(folder: string, registration: Registration): void {
  const temporary = `${registrationPath(folder)}.${process.pid}`;
  writeFileSync(temporary, JSON.stringify(registration), { mode: 0o600 });
  renameSync(temporary, registrationPath(folder));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const server = createServer();
    server.once('error', failed);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => done(port));
    });
  });
}

async function until(what: string, deadlineMs: number, isTrue: () => Promise<boolean>): Promise<void> {
  const startedAt = Date.now();
  while (!(await isTrue())) {
    if (Date.now() - startedAt > deadlineMs) throw new Error(`waited ${deadlineMs} ms for ${what}`);
    await pause(POLL_MS);
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
