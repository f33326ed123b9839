import {
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { AppError } from '../../contracts/errors.js';

const HEARTBEAT_MS = 10_000;
/** An owner that has been silent so long is gone, or its clock is; DuckDB's own lock still guards this host. */
const SILENT_AFTER_MS = 30_000;

interface Owner {
  readonly pid: number;
  readonly host: string;
}

/**
 * Says in `<file>.owner` which process has the DuckDB file. DuckDB's own lock does not see a second opening in
 * one process, nor other hosts on many shared disks, and both corrupt the file.
 */
export class OwnerLock {
  private readonly path: string;
  private heartbeat?: NodeJS.Timeout;

  constructor(private readonly file: string) {
    this.path = `${file}.owner`;
  }

  /** @throws AppError `WAREHOUSE.IN_USE` when another living process has it. */
  take(): void {
    mkdirSync(dirname(this.path), { recursive: true });
    const mine = `${this.path}.${process.pid}`;
    writeFileSync(mine, JSON.stringify({ pid: process.pid, host: hostname() } satisfies Owner));
    try {
      if (!this.link(mine)) {
        this.discardDead();
        if (!this.link(mine)) throw this.inUse();
      }
    } finally {
      rmSync(mine, { force: true });
    }
    this.heartbeat = setInterval(() => this.beat(), HEARTBEAT_MS).unref();
  }

  release(): void {
    clearInterval(this.heartbeat);
    rmSync(this.path, { force: true });
  }

  /** A link appears with its content or not at all, and of two only one succeeds. */
  private link(mine: string): boolean {
    try {
      linkSync(mine, this.path);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    }
  }

  private discardDead(): void {
    if (this.isHeld()) throw this.inUse();
    // Renamed first: of two that find a dead owner only one can rename it.
    const stale = `${this.path}.stale-${process.pid}`;
    try {
      renameSync(this.path, stale);
      rmSync(stale);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }

  private isHeld(): boolean {
    const { pid, host } = JSON.parse(readFileSync(this.path, 'utf8')) as Owner;
    const isSilent = Date.now() - statSync(this.path).mtimeMs > SILENT_AFTER_MS;
    if (isSilent) return false;
    // Our own pid: an earlier process had it, e.g. pid 1 of the container that was killed.
    return host !== hostname() || (pid !== process.pid && isAlive(pid));
  }

  private beat(): void {
    const now = new Date();
    try {
      utimesSync(this.path, now, now);
    } catch {
      // Removed by hand: DuckDB's own lock still holds, and release() has nothing left to do.
      clearInterval(this.heartbeat);
    }
  }

  private inUse(): AppError {
    return new AppError(
      'WAREHOUSE.IN_USE',
      `${this.file} is in use by another process (${this.path}); a DuckDB file belongs to one`,
    );
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
