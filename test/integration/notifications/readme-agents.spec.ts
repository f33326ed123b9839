import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Redis } from 'ioredis';
import { PinoLogger } from 'nestjs-pino';
import { Counter } from 'prom-client';
import { loadConfig } from '../../../src/config/load-config.js';
import { RedisNotifier } from '../../../src/notifications/redis-notifier.js';
import { pythonWithRedis, readmeExample, writeTypeScriptAgent } from '../../support/readme-examples.js';
import { startRedis } from '../../support/redis-server.js';
import { waitFor } from '../../support/wait-for.js';

const ROOT = resolve(__dirname, '../../..');
const STREAM = '{sophia}:gong:calls:log';
const AWAY = 60;

const python = pythonWithRedis();
const notRun = python === undefined ? ' [NOT RUN: no python3 has the module redis here]' : '';

describe('an agent written after the README', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-agents-'));
  let server: Awaited<ReturnType<typeof startRedis>>;
  let redis: Redis;
  let notifier: RedisNotifier;
  let agent: ChildProcess | undefined;

  beforeAll(async () => {
    writeTypeScriptAgent(folder);
    server = await startRedis();
    redis = new Redis(server.url);
    const published = new Counter({ name: 'n', help: 'n', labelNames: ['channel'], registers: [] });
    const silent = new PinoLogger({ pinoHttp: { level: 'silent' } });
    notifier = new RedisNotifier(redis, loadConfig({}), published, silent);
  });
  beforeEach(() => redis.flushdb());
  afterEach(() => end());
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function publish(summary: string): Promise<void> {
    const nothing = { occurredAt: null, subject: null, insights: [], actions: [], nextSteps: [] };
    const ids = { eventId: summary, correlationId: 'c' };
    const message = { type: 'call', priority: 'low', vendor: 'gong', summary, ...ids, ...nothing } as const;
    await notifier.publish({ channel: 'gong:calls', changeId: summary, news: ['call'], message });
  }

  /** Starts the agent. @returns the lines it has printed so far. */
  function start(command: string, args: readonly string[]): () => string[] {
    let output = '';
    agent = spawn(command, args, { cwd: folder, env: { ...process.env, REDIS_URL: server.url } });
    for (const stream of [agent.stdout, agent.stderr]) {
      stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    }
    return () => output.split('\n').filter((line) => line !== '');
  }

  async function end(): Promise<void> {
    const child = agent;
    if (child === undefined) return;
    agent = undefined;
    child.kill('SIGKILL');
    await waitFor('the agent to end', () => child.exitCode !== null || child.signalCode !== null);
  }

  async function hearsAllThatItMissed(command: string, args: readonly string[]): Promise<void> {
    await publish('before it began');
    const first = start(command, args);
    await waitFor('the first', () => first().length === 1);
    await publish('while it listens');
    await waitFor('the second', () => first().length === 2);
    const unfinished = async () => (await redis.xpending(STREAM, 'my-agent'))[0];
    await waitFor('its work to be done', async () => (await unfinished()) === 0);
    await end();

    const missed = Array.from({ length: AWAY }, (_item, index) => `while it was away ${index}`);
    for (const summary of missed) await publish(summary);
    // It had taken one message when it died, and not finished it.
    await redis.xreadgroup('GROUP', 'my-agent', 'worker-1', 'COUNT', 1, 'STREAMS', STREAM, '>');
    const second = start(command, args);
    await waitFor('all it missed', () => second().length >= AWAY);
    await publish('afterwards');
    await waitFor('what comes afterwards', () => second().length > AWAY);
    await waitFor('its work to be done', async () => (await unfinished()) === 0);
    expect([first(), second()]).toEqual([
      ['before it began', 'while it listens'],
      [...missed, 'afterwards'],
    ]);
  }

  it('in TypeScript passes the strict compiler', () => {
    const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2023'];
    const tsc = spawnSync(join(ROOT, 'node_modules/.bin/tsc'), [...options, '--types', 'node', 'agent.mts'], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(tsc.stdout).toBe('');
    expect(tsc.status).toBe(0);
  });

  it('in TypeScript hears everything once, also what was said while it was away', async () => {
    await hearsAllThatItMissed(process.execPath, ['agent.mjs']);
  });

  (python === undefined ? it.skip : it)(
    `in Python hears everything once, also what was said while it was away${notRun}`,
    async () => {
      writeFileSync(join(folder, 'agent.py'), readmeExample('python'));
      await hearsAllThatItMissed(python ?? '', ['agent.py']);
    },
  );
});
