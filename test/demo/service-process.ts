import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { becomesTrue } from './poll.js';

export interface EmbeddedRedisAddress {
  readonly pid: number;
  readonly port: number;
}

const READY_TIMEOUT_MS = 60_000;
/** A service that is still starting may not yet know how to stop in order. */
const READY_BEFORE_STOP_MS = 10_000;
/** More than the service itself takes at most to drain (SHUTDOWN_TIMEOUT_SECONDS, 30). */
const STOP_TIMEOUT_MS = 40_000;
const REDIS_STOP_TIMEOUT_MS = 5_000;
const KEPT_OUTPUT_CHARACTERS = 64_000;

/** A port nobody listens on at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The built service as a process of its own, known from outside only: its port, its output, its end. */
export class ServiceProcess {
  /** Ends with the exit code; null when a signal ended it. */
  readonly ended: Promise<number | null>;
  private readonly child: ChildProcess;
  private recentOutput = '';
  private hasEnded = false;
  private wasReady = false;
  private stopping: Promise<number | null> | undefined;

  constructor(
    readonly baseUrl: string,
    readonly dataDir: string,
    environment: NodeJS.ProcessEnv,
  ) {
    // A group of its own: Ctrl-C in the terminal reaches us alone, and we stop the service in order.
    this.child = spawn(process.execPath, [join('dist', 'main.js')], {
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => this.keep(text));
    }
    this.ended = new Promise((resolve) => {
      this.child.once('error', (error) => {
        this.keep(`${error.message}\n`);
        resolve(1);
      });
      this.child.once('close', resolve);
    });
    void this.ended.then(() => (this.hasEnded = true));
  }

  /** The last lines it printed. */
  get output(): string {
    return this.recentOutput;
  }

  /** @throws when it ends or is not ready in time; the message holds what it printed. */
  async untilReady(): Promise<void> {
    const isOver = await becomesTrue(async () => this.hasEnded || (await this.isReady()), READY_TIMEOUT_MS);
    if (this.hasEnded) throw new Error(`the service ended before it was ready:\n${this.output}`);
    if (!isOver) throw new Error(`the service was not ready within a minute:\n${this.output}`);
  }

  /** Text of `GET /metrics`. */
  async metrics(): Promise<string> {
    const response = await fetch(`${this.baseUrl}/metrics`, { signal: AbortSignal.timeout(5_000) });
    if (!response.ok) throw new Error(`GET /metrics answered ${response.status}`);
    return response.text();
  }

  /** Where its own Redis is; undefined when it uses another's. */
  embeddedRedis(): EmbeddedRedisAddress | undefined {
    try {
      return JSON.parse(
        readFileSync(join(this.dataDir, 'redis', 'embedded.json'), 'utf8'),
      ) as EmbeddedRedisAddress;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** Asks it to stop and waits; what does not stop is killed. @returns its exit code. */
  stop(): Promise<number | null> {
    return (this.stopping ??= this.stopInOrder());
  }

  /** At once and without waiting, also its Redis: for a second Ctrl-C or the end of our own process. */
  kill(): void {
    if (this.hasEnded) return;
    this.child.kill('SIGKILL');
    this.signalRedis('SIGKILL');
  }

  get isRunning(): boolean {
    return !this.hasEnded;
  }

  /** Whether its end was asked for. */
  get isStopping(): boolean {
    return this.stopping !== undefined;
  }

  private async stopInOrder(): Promise<number | null> {
    if (!this.wasReady) {
      await becomesTrue(async () => this.hasEnded || (await this.isReady()), READY_BEFORE_STOP_MS);
    }
    if (!this.hasEnded) this.child.kill('SIGTERM');
    await becomesTrue(() => Promise.resolve(this.hasEnded), STOP_TIMEOUT_MS);
    if (!this.hasEnded) this.child.kill('SIGKILL');
    const exitCode = await this.ended;
    if (exitCode !== 0) await this.endLeftRedis();
    return exitCode;
  }

  private async isReady(): Promise<boolean> {
    const response = await fetch(`${this.baseUrl}/health/ready`, { signal: AbortSignal.timeout(2_000) });
    await response.arrayBuffer();
    this.wasReady ||= response.status === 200;
    return response.status === 200;
  }

  /** The service stops its Redis itself, unless it died; the folder is ours alone, and so is that process. */
  private async endLeftRedis(): Promise<void> {
    if (!this.signalRedis('SIGTERM')) return;
    const hasLeft = await becomesTrue(() => Promise.resolve(!this.signalRedis(0)), REDIS_STOP_TIMEOUT_MS);
    if (!hasLeft) this.signalRedis('SIGKILL');
  }

  /** @returns whether there was a Redis of the service to signal. */
  private signalRedis(signal: NodeJS.Signals | 0): boolean {
    const redis = this.embeddedRedis();
    if (redis === undefined) return false;
    try {
      return process.kill(redis.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
      throw error;
    }
  }

  private keep(text: string): void {
    this.recentOutput = (this.recentOutput + text).slice(-KEPT_OUTPUT_CHARACTERS);
  }
}
