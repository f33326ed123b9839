import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { findRedisBinary } from '../../src/redis/embedded/find-redis-binary.js';
import { freePort } from './free-port.js';
import { waitFor } from './wait-for.js';

export const PRIMARY_NAME = 'tributary-test';

/** Real sentinels that watch a primary, with short deadlines. */
export class RedisSentinels {
  private constructor(
    readonly ports: readonly number[],
    private readonly children: readonly ChildProcess[],
    private readonly folder: string,
  ) {}

  /** Starts three of them and waits until they know each other and the replica. */
  static async watch(primaryPort: number): Promise<RedisSentinels> {
    const folder = mkdtempSync(join(tmpdir(), 'tributary-test-sentinels-'));
    const ports = [await freePort(), await freePort(), await freePort()];
    const children = ports.map((port) => {
      const file = join(folder, `${port}.conf`);
      const lines = [
        `port ${port}`,
        'bind 127.0.0.1',
        `dir ${folder}`,
        `sentinel monitor ${PRIMARY_NAME} 127.0.0.1 ${primaryPort} 2`,
        `sentinel down-after-milliseconds ${PRIMARY_NAME} 1500`,
        `sentinel failover-timeout ${PRIMARY_NAME} 10000`,
      ];
      writeFileSync(file, `${lines.join('\n')}\n`);
      return spawn(findRedisBinary(), [file, '--sentinel'], { stdio: 'ignore' });
    });
    const sentinels = new RedisSentinels(ports, children, folder);
    await waitFor(
      'the sentinels to know each other and the replica',
      async () => {
        const states = await Promise.all(ports.map((port) => stateOf(port)));
        return states.every((state) => state.includes('slaves=1') && state.includes('sentinels=3'));
      },
      { timeoutMs: 60_000, intervalMs: 200 },
    );
    return sentinels;
  }

  async stop(): Promise<void> {
    for (const child of this.children) child.kill('SIGKILL');
    await waitFor('the sentinels to end', () => this.children.every((child) => child.signalCode !== null));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function stateOf(port: number): Promise<string> {
  const client = new Redis({ port, host: '127.0.0.1', lazyConnect: true, retryStrategy: () => null });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await client.info('sentinel');
  } finally {
    client.disconnect();
  }
}
