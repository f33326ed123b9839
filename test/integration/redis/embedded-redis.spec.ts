import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { EmbeddedRedis } from '../../../src/redis/embedded/embedded-redis.js';
import { startRedis } from '../../support/redis-server.js';
import { waitFor } from '../../support/wait-for.js';

interface Registration {
  readonly pid: number;
  readonly port: number;
}

async function withClient<T>(url: string, use: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url, { retryStrategy: () => null });
  redis.on('error', () => undefined);
  try {
    return await use(redis);
  } finally {
    redis.disconnect();
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('the embedded Redis', () => {
  const folders: string[] = [];
  const running = new Set<EmbeddedRedis>();

  function dataFolder(): string {
    // A space, because people have such folders.
    const folder = mkdtempSync(join(tmpdir(), 'tributary test '));
    folders.push(folder);
    return folder;
  }

  async function start(dataDir: string): Promise<EmbeddedRedis> {
    const redis = await EmbeddedRedis.start(dataDir);
    running.add(redis);
    return redis;
  }

  const registrationFile = (dataDir: string) => join(dataDir, 'redis', 'embedded.json');
  const registration = (dataDir: string) =>
    JSON.parse(readFileSync(registrationFile(dataDir), 'utf8')) as Registration;

  afterEach(() => {
    for (const { pid } of running) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    running.clear();
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  });

  it('starts with every write synced, on loopback, in a folder of its owner alone', async () => {
    const dataDir = dataFolder();
    const redis = await start(dataDir);
    expect(redis.adopted).toBe(false);
    const settings = await withClient(redis.url, (client) =>
      Promise.all(
        ['appendonly', 'appendfsync', 'maxmemory-policy', 'bind', 'save'].map(async (name) => {
          const [, value] = await client.config('GET', name);
          return value;
        }),
      ),
    );
    expect(settings).toEqual(['yes', 'always', 'noeviction', '127.0.0.1', '']);
    expect(statSync(join(dataDir, 'redis')).mode & 0o777).toBe(0o700);
    expect(registration(dataDir)).toEqual({ pid: redis.pid, port: Number(new URL(redis.url).port) });
    await redis.stop();
  });

  it('keeps its data over a stop and a start, and leaves no process behind', async () => {
    const dataDir = dataFolder();
    const first = await start(dataDir);
    await withClient(first.url, (client) => client.set('kept', 'yes'));
    await first.stop();
    await waitFor('its process to be gone', () => !isAlive(first.pid));
    expect(() => registration(dataDir)).toThrow();
    const second = await start(dataDir);
    expect(second.adopted).toBe(false);
    expect(await withClient(second.url, (client) => client.get('kept'))).toBe('yes');
    await second.stop();
  });

  it('is adopted by the next start when nobody stopped it', async () => {
    const dataDir = dataFolder();
    const forgotten = await start(dataDir);
    const adopted = await start(dataDir);
    expect({ pid: adopted.pid, url: adopted.url, adopted: adopted.adopted }).toEqual({
      pid: forgotten.pid,
      url: forgotten.url,
      adopted: true,
    });
    await adopted.stop();
    await waitFor('its process to be gone', () => !isAlive(forgotten.pid));
  });

  it('has every acknowledged write after a kill -9', async () => {
    const dataDir = dataFolder();
    const first = await start(dataDir);
    let acknowledged = 0;
    await withClient(first.url, async (client) => {
      const writing = (async () => {
        for (;;) {
          await client.incr('counter');
          acknowledged += 1;
        }
      })().catch(() => undefined);
      await waitFor('some acknowledgements', () => acknowledged > 200, { intervalMs: 1 });
      process.kill(first.pid, 'SIGKILL');
      await writing;
    });
    const second = await start(dataDir);
    expect(second.adopted).toBe(false);
    const counter = Number(await withClient(second.url, (client) => client.get('counter')));
    // One write may have been on disk while its answer was lost.
    expect(counter).toBeGreaterThanOrEqual(acknowledged);
    expect(counter).toBeLessThanOrEqual(acknowledged + 1);
    await second.stop();
  });

  it('runs once per folder: two folders do not collide, two starts of one folder share it', async () => {
    const [one, other] = [dataFolder(), dataFolder()];
    const [first, again, second] = await Promise.all([start(one), start(one), start(other)]);
    expect(again.pid).toBe(first.pid);
    expect(second.pid).not.toBe(first.pid);
    await withClient(first.url, (client) => client.set('whose', 'one'));
    expect(await withClient(second.url, (client) => client.get('whose'))).toBeNull();
    await Promise.all([first.stop(), second.stop()]);
  });

  it('starts no second server beside one that hangs: two would ruin the file', async () => {
    const dataDir = dataFolder();
    const hanging = await start(dataDir);
    process.kill(hanging.pid, 'SIGSTOP');
    try {
      await expect(start(dataDir)).rejects.toThrow(`pid ${hanging.pid}`);
    } finally {
      process.kill(hanging.pid, 'SIGCONT');
    }
    await hanging.stop();
  });

  it("does not adopt another's Redis that a stale file points to", async () => {
    const dataDir = dataFolder();
    await (await start(dataDir)).stop();
    const foreign = await startRedis();
    try {
      writeFileSync(registrationFile(dataDir), JSON.stringify({ pid: process.pid, port: foreign.port }));
      const redis = await start(dataDir);
      expect(redis.adopted).toBe(false);
      expect(redis.url).not.toBe(foreign.url);
      await redis.stop();
      expect(await withClient(foreign.url, (client) => client.ping())).toBe('PONG');
    } finally {
      await foreign.stop();
    }
  });

  it.each([
    ['half-written', '{"pid":'],
    ['of a process that has ended', JSON.stringify({ pid: 2 ** 22 + 1, port: 1 })],
    ['of a process that is somebody else by now', JSON.stringify({ pid: process.pid, port: 1 })],
  ])('starts when the file is %s', async (_what, text) => {
    const dataDir = dataFolder();
    await (await start(dataDir)).stop();
    writeFileSync(registrationFile(dataDir), text);
    const redis = await start(dataDir);
    expect(redis.adopted).toBe(false);
    await redis.stop();
  });
});
