import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { waitFor } from '../../support/wait-for.js';

const ROOT = resolve(__dirname, '../../..');

/** A process of its own that remembers, for tests that kill it. */
export interface Rememberer {
  /** Waits until it has printed this line. */
  said(line: string): Promise<void>;
  kill9(): Promise<void>;
}

/** Starts `rememberer.main.ts` with this environment. */
export function startRememberer(environment: Record<string, string>): Rememberer {
  const script = resolve(__dirname, 'rememberer.main.ts');
  const child = spawn(process.execPath, ['-r', './config/tooling/register-ts.cjs', script], {
    cwd: ROOT,
    env: { PATH: process.env.PATH ?? '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  }
  return {
    said: async (line) => {
      const state = await waitFor(
        `"${line}" of the rememberer`,
        () => (output.split('\n').includes(line) ? 'said' : hasEnded(child) && 'ended'),
        { timeoutMs: 60_000 },
      );
      if (state === 'ended') throw new Error(`the rememberer ended: ${output}`);
    },
    kill9: async () => {
      child.kill('SIGKILL');
      await waitFor('the rememberer to end', () => hasEnded(child));
    },
  };
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
