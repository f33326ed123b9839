import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from '../../support/wait-for.js';

/** Linux counts CPU time in hundredths of a second (USER_HZ), whatever the kernel's own tick is. */
const MS_PER_TICK = 10;
const READY_TIMEOUT_MS = 30_000;

export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly readyUrl: string;
}

/** A server under test, as a process of its own. */
export class SubjectProcess {
  private constructor(private readonly child: ChildProcess) {}

  /** Starts it and waits until it answers. Its log goes to a file, as everybody's does somewhere. */
  static async start({ command, args, environment, readyUrl }: Launch): Promise<SubjectProcess> {
    const folder = mkdtempSync(join(tmpdir(), 'tributary-bench-log-'));
    const log = openSync(join(folder, 'log'), 'w');
    const child = spawn(command, args, {
      env: { ...process.env, ...environment },
      stdio: ['ignore', log, 'pipe'],
    });
    // The process writes on; the file goes when it ends.
    closeSync(log);
    rmSync(folder, { recursive: true });
    let complaint = '';
    child.stderr?.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
    const subject = new SubjectProcess(child);
    const state = await waitFor(
      `${readyUrl} to answer`,
      async () => {
        if (child.exitCode !== null) return 'ended';
        return (await fetch(readyUrl)).ok && 'ready';
      },
      { timeoutMs: READY_TIMEOUT_MS },
    );
    if (state === 'ended') throw new Error(`${command} ${args.join(' ')} ended: ${complaint.slice(0, 2000)}`);
    return subject;
  }

  /** CPU time used so far in ms and resident memory in MiB; NaN where there is no /proc. */
  usage(): Usage {
    return usageOf(this.child.pid);
  }

  async stop(): Promise<void> {
    const { child } = this;
    child.kill('SIGTERM');
    try {
      await waitFor('a server to end', () => child.exitCode !== null || child.signalCode !== null);
    } finally {
      child.kill('SIGKILL');
    }
  }
}

export interface Usage {
  readonly cpuMs: number;
  readonly rssMiB: number;
}

/** What a process has used; NaN where there is no /proc, or no such process. */
export function usageOf(pid: number | undefined): Usage {
  const file = (name: string) => readFileSync(`/proc/${pid}/${name}`, 'utf8');
  try {
    // Fields 14 and 15 are utime and stime; the name before them may hold blanks, so count from its bracket.
    const fields = file('stat').split(') ')[1]?.split(' ') ?? [];
    const resident = /VmRSS:\s+(\d+) kB/.exec(file('status'))?.[1];
    return {
      cpuMs: (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK,
      rssMiB: Number(resident) / 1024,
    };
  } catch {
    return { cpuMs: NaN, rssMiB: NaN };
  }
}
