import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { Redis, ReplyError } from 'ioredis';
import { findRedisBinary } from './find-redis-binary.js';

/** Reading a large append-only file takes its time; a Redis that says it is loading is alive. */
const LOADING_DEADLINE_MS = 120_000;
const START_DEADLINE_MS = 15_000;
/** A Redis listens before it loads; a pid that is somebody else by now should not delay the start for long. */
const ADOPTION_DEADLINE_MS = 3_000;
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
    const path = resolve(dataDir, 'redis');
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const folder = realpathSync(path);
    for (let attempt = 0; attempt < START_TRIES; attempt += 1) {
      const known = readRegistration(folder);
      if (known !== undefined && (await isOurs(known, folder))) {
        return new EmbeddedRedis(folder, known.pid, known.port, true);
      }
      forget(folder, known);
      const started = await launch(folder, await freePort());
      if (started !== undefined) return new EmbeddedRedis(folder, started.pid, started.port, false);
    }
    throw new Error(`the embedded Redis did not start; see ${join(folder, 'redis.log')}`);
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
    // Node takes the exit code of its own child, which is gone only then; an adopted one may stay a zombie.
    const isThere = this.adopted ? isAlive : exists;
    await until('Redis to end', STOP_DEADLINE_MS, () => !isThere(this.pid));
    forget(this.folder, this);
  }
}

/** @returns undefined when the port was taken meanwhile, or when another start of this folder was quicker. */
async function launch(folder: string, port: number): Promise<Registration | undefined> {
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
  closeSync(log);
  await once(child, 'spawn');
  child.unref();
  const registration = { pid: Number(child.pid), port };
  // Known before it answers: a service killed now finds it again.
  if (register(folder, registration) && (await outcome(registration, folder, START_DEADLINE_MS)) === 'ours') {
    return registration;
  }
  // Two servers on one append-only file would ruin it: this one ends before another is tried.
  child.kill('SIGKILL');
  await until('a Redis in vain to end', STOP_DEADLINE_MS, () => !isAlive(registration.pid));
  forget(folder, registration);
  return undefined;
}

/**
 * Whether that process still answers there and keeps its data in our folder: never adopt another's Redis.
 * @throws when something there takes connections and stays silent, for it may be ours and hold our file.
 */
async function isOurs(registration: Registration, folder: string): Promise<boolean> {
  const answer = await outcome(registration, folder, ADOPTION_DEADLINE_MS);
  if (answer !== 'silent') return answer === 'ours';
  const { pid, port } = registration;
  throw new Error(
    `the embedded Redis (pid ${pid}, port ${port}) does not answer: end it, or remove ${registrationPath(folder)} if that is no Redis`,
  );
}

type Answer = 'ours' | 'loading' | 'foreign' | 'refused' | 'silent';

/** Asks until the answer is final, the process has ended or the deadline has passed. */
async function outcome({ pid, port }: Registration, folder: string, deadlineMs: number): Promise<Answer> {
  const startedAt = Date.now();
  for (;;) {
    if (!isAlive(pid)) return 'refused';
    const answer = await ask(port, folder);
    if (answer === 'ours' || answer === 'foreign') return answer;
    const limitMs = answer === 'loading' ? LOADING_DEADLINE_MS : deadlineMs;
    if (Date.now() - startedAt > limitMs) return answer === 'loading' ? 'silent' : answer;
    await pause(POLL_MS);
  }
}

/** Redis tells its folder even while it loads; PING it answers only afterwards. */
async function ask(port: number, folder: string): Promise<Answer> {
  const client = connectTo(port);
  let isRefused = false;
  // A server that hangs still takes connections: only a refusal says that nobody is there.
  client.on('error', (error: NodeJS.ErrnoException) => (isRefused ||= error.code === 'ECONNREFUSED'));
  try {
    await client.connect();
    const [, dir] = await client.config('GET', 'dir');
    if (dir !== folder) return 'foreign';
    await client.ping();
    return 'ours';
  } catch (error) {
    if (isRefused) return 'refused';
    if (!(error instanceof ReplyError)) return 'silent';
    return /^(LOADING|BUSY)/.test((error as Error).message) ? 'loading' : 'foreign';
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
    commandTimeout: 1_000,
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

/** Writes the file whole and only where there is none. @returns whether this start was the first. */
function register(folder: string, registration: Registration): boolean {
  const temporary = `${registrationPath(folder)}.${registration.pid}`;
  writeFileSync(temporary, JSON.stringify(registration), { mode: 0o600 });
  try {
    linkSync(temporary, registrationPath(folder));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(temporary);
  }
}

/** Removes the file, unless it names another process by now. An unreadable one goes too. */
function forget(folder: string, registration: Registration | undefined): void {
  if (readRegistration(folder)?.pid === registration?.pid) rmSync(registrationPath(folder), { force: true });
}

function isAlive(pid: number): boolean {
  return exists(pid) && !isZombie(pid);
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** In a container without an init nobody takes the exit code of an adopted Redis: it stays as a zombie. */
function isZombie(pid: number): boolean {
  try {
    return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    // No /proc: macOS, whose launchd leaves no zombies.
    return false;
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

async function until(what: string, deadlineMs: number, isTrue: () => boolean): Promise<void> {
  const startedAt = Date.now();
  while (!isTrue()) {
    if (Date.now() - startedAt > deadlineMs) throw new Error(`waited ${deadlineMs} ms for ${what}`);
    await pause(POLL_MS);
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
