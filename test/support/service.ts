import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort } from './free-port.js';
import { waitFor } from './wait-for.js';

const ENTRY = resolve(__dirname, '../../dist/main.js');

/** Booting is a second or two; on a machine that does much else, many. */
const READY_TIMEOUT_MS = 60_000;

/** What `globals` of jest.config.js says to node about processes that tests start; nothing outside of it. */
export const NODE_FLAGS = (globalThis as { readonly NODE_FLAGS?: readonly string[] }).NODE_FLAGS ?? [];

/** A start that finds Redis silent for two seconds, as on a machine without time to spare, is tried again. */
const MAX_LAUNCHES = 3;
const REDIS_WAS_SILENT = /^Command timed out$/m;

/** The built service as a real process with a port and a data folder of its own. */
export class ServiceProcess {
  private child?: ChildProcess;
  private text = '';
  private readonly exits: (number | null)[] = [];

  private constructor(
    readonly port: number,
    readonly dataDir: string,
    private readonly environment: Record<string, string>,
    private readonly command: readonly string[],
  ) {}

  /** Makes the process's surroundings; `start` starts it. @param command what node runs: the built service. */
  static async create(
    environment: Record<string, string>,
    command: readonly string[] = [ENTRY],
  ): Promise<ServiceProcess> {
    const port = await freePort();
    const dataDir = mkdtempSync(join(tmpdir(), 'tributary-test-'));
    const surroundings = {
      PATH: process.env.PATH ?? '',
      HOME: process.env.HOME ?? '',
      ...(process.env.XDG_CACHE_HOME !== undefined && { XDG_CACHE_HOME: process.env.XDG_CACHE_HOME }),
      PORT: String(port),
      HOST: '127.0.0.1',
      DATA_DIR: dataDir,
      WEBHOOK_BASE_URL: `http://127.0.0.1:${port}`,
      LOG_LEVEL: 'info',
      // No balancer stands before most tests.
      SHUTDOWN_DELAY_SECONDS: '0',
      // A comparison at its minute would spend requests that tests count.
      RECONCILIATION_ENABLED: 'false',
      ...environment,
    };
    return new ServiceProcess(port, dataDir, surroundings, command);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get warehousePath(): string {
    return join(this.dataDir, 'warehouse.duckdb');
  }

  /** Memory of the process in bytes (Linux). */
  get residentBytes(): number {
    const status = readFileSync(`/proc/${this.child?.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
  }

  /** CPU time of the process in ms (Linux, which counts hundredths of a second). */
  get cpuMs(): number {
    const afterName = readFileSync(`/proc/${this.child?.pid}/stat`, 'utf8').split(') ')[1] ?? '';
    const [user, system] = afterName.split(' ').slice(11, 13).map(Number);
    return ((user ?? NaN) + (system ?? NaN)) * 10;
  }

  /** Everything the process has printed since it was created. */
  get output(): string {
    return this.text;
  }

  /** Starts it, as an orchestrator does that starts again what could not start, and waits until it is ready. */
  async start(): Promise<void> {
    for (let launches = 1; ; launches += 1) {
      const before = this.text.length;
      this.launch();
      if ((await this.readyOrEnded()) === 'ready') return;
      const isWorthAnother = REDIS_WAS_SILENT.test(this.text.slice(before)) && launches < MAX_LAUNCHES;
      if (!isWorthAnother) throw new Error(`the service ended: ${this.text}`);
    }
  }

  private readyOrEnded(): Promise<'ready' | 'ended'> {
    const look = async () => {
      if (this.child?.exitCode !== null) return 'ended';
      return (await statusOf(`${this.url}/health/ready`)) === 200 && 'ready';
    };
    return waitFor('the service to be ready', look, { timeoutMs: READY_TIMEOUT_MS });
  }

  /** Starts it without waiting. */
  launch(): void {
    const child = spawn(process.execPath, [...NODE_FLAGS, ...this.command], {
      env: this.environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => (this.text += chunk.toString()));
    }
    child.on('exit', (code) => this.exits.push(code));
    this.child = child;
  }

  /** Ends it as an orchestrator does. @returns its exit code. */
  async terminate(): Promise<number | null> {
    this.child?.kill('SIGTERM');
    return this.ended();
  }

  /** Ends it as a power cut does. */
  async kill9(): Promise<void> {
    this.child?.kill('SIGKILL');
    await this.ended();
  }

  /** Waits until the process has ended. @returns its exit code, null when a signal ended it. */
  async ended(): Promise<number | null> {
    const child = this.child;
    if (child === undefined) return null;
    await waitFor('the service to end', () => child.exitCode !== null || child.signalCode !== null, {
      timeoutMs: 40_000,
    });
    return child.exitCode;
  }

  /** Ends what still runs and removes the data folder. */
  async dispose(): Promise<void> {
    if (this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null) {
      await this.terminate();
    }
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}

async function statusOf(url: string): Promise<number | undefined> {
  try {
    return (await fetch(url)).status;
  } catch {
    // Nobody listens yet.
    return undefined;
  }
}
