// The one-command set-up behind every npm script: packages, build, Redis. It does only what is missing and
// says one line for each thing done; when nothing is missing it takes a fraction of a second and is silent.
// Usage: node config/tooling/setup.mjs [--without-redis]
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { provisionRedis } from './provision-redis.mjs';

/** Node can require() ES modules (all of @nestjs/* 12) since this version. */
const OLDEST_NODE = [20, 19];
const LOCK_DEADLINE_MS = 10 * 60_000;

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const LOCKFILE = join(ROOT, 'package-lock.json');
const PACKAGES_STAMP = join(ROOT, 'node_modules/.tributary-stamp');
const BUILD_STAMP = join(ROOT, 'dist/.build-stamp');

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_NODE;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  throw new Error(`Node ${OLDEST_NODE.join('.')} or newer is needed; this is ${process.versions.node}.`);
}

async function installPackages() {
  const stamp = createHash('sha256').update(readFileSync(LOCKFILE)).digest('hex');
  if (readIfThere(PACKAGES_STAMP) === stamp) return;
  if (!isInstalledAsLocked()) {
    // --include=dev: with NODE_ENV=production npm would leave out what builds and tests.
    await timed('packages installed', 'npm', ['ci', '--include=dev', '--no-audit', '--no-fund']);
  }
  writeFileSync(PACKAGES_STAMP, stamp);
}

/** After an `npm install` of the developer everything is there already. */
function isInstalledAsLocked() {
  const installed = readIfThere(join(ROOT, 'node_modules/.package-lock.json'));
  if (installed === undefined) return false;
  const there = JSON.parse(installed).packages;
  const { '': root, ...locked } = JSON.parse(readFileSync(LOCKFILE, 'utf8')).packages;
  const isAsLocked = ([path, { version, optional }]) =>
    there[path] === undefined ? optional === true : there[path].version === version;
  return Object.entries(locked).every(isAsLocked) && Object.keys(there).every((path) => path in locked);
}

/**
 * What `npm run build` writes, byte for byte, in half the time: types are compared by `npm run check`, which
 * reads the tests as well, and by `npm run build`, which the image is made with.
 */
async function build() {
  const stamp = hashOfSources();
  if (readIfThere(BUILD_STAMP) === stamp && existsSync(join(ROOT, 'dist/main.js'))) return;
  rmSync(join(ROOT, 'dist'), { recursive: true, force: true });
  await timed('service built', join(ROOT, 'node_modules/.bin/tsc'), [
    '-p',
    'tsconfig.build.json',
    '--noCheck',
  ]);
  writeFileSync(BUILD_STAMP, stamp);
}

function hashOfSources() {
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.spec.ts'))
    .map((path) => `src/${path}`);
  const settings = readdirSync(ROOT).filter((name) => /^tsconfig.*\.json$/.test(name));
  const hash = createHash('sha256');
  for (const path of [...sources.sort(), ...settings.sort(), 'nest-cli.json', 'package-lock.json']) {
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(ROOT, path)))
      .update('\0');
  }
  return hash.digest('hex');
}

async function findRedis() {
  const startedAt = Date.now();
  const { path, how } = await provisionRedis();
  if (how === 'downloaded' || how === 'installed') {
    console.log(`setup: redis ${how} to ${path} (${seconds(startedAt)} s)`);
  }
}

/** Runs a command quietly; its output is shown when it fails. */
async function timed(done, command, args) {
  const startedAt = Date.now();
  const child = spawn(command, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => output.push(chunk));
  const code = await new Promise((settle, refuse) => child.on('error', refuse).on('close', settle));
  if (code !== 0) {
    process.stderr.write(Buffer.concat(output));
    throw new Error(`"${[command.split('/').at(-1), ...args].join(' ')}" failed; its output is above.`);
  }
  console.log(`setup: ${done} (${seconds(startedAt)} s)`);
}

/**
 * Two set-ups of one checkout would take each other's node_modules and dist away. A folder is the lock,
 * because mkdir either makes it or fails; it lies outside the checkout, where nobody commits it.
 */
async function takeLock() {
  const checkout = createHash('sha256').update(ROOT).digest('hex').slice(0, 12);
  const lock = join(tmpdir(), `tributary-setup-${process.getuid?.() ?? 0}-${checkout}`);
  const deadline = Date.now() + LOCK_DEADLINE_MS;
  for (let round = 0; ; round += 1) {
    try {
      mkdirSync(lock);
      writeFileSync(join(lock, 'pid'), String(process.pid));
      process.on('exit', () => rmSync(lock, { recursive: true, force: true }));
      for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const holder = Number(readIfThere(join(lock, 'pid')));
    // Between mkdir and the writing of the pid there is a moment without one: two rounds of patience.
    if (holder ? !isAlive(holder) : round > 2) discard(lock);
    else if (Date.now() > deadline) throw new Error(`Another set-up (pid ${holder}) does not end: ${lock}`);
    else if (round === 3) console.log(`setup: waiting for another set-up (pid ${holder})`);
    await delay(100);
  }
}

/** Renamed first, because of two that find a stale lock only one can rename it. */
function discard(lock) {
  try {
    renameSync(lock, `${lock}-stale-${process.pid}`);
    rmSync(`${lock}-stale-${process.pid}`, { recursive: true, force: true });
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function readIfThere(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

const seconds = (startedAt) => ((Date.now() - startedAt) / 1000).toFixed(1);

try {
  checkNode();
  await takeLock();
  await installPackages();
  await build();
  if (!process.argv.includes('--without-redis')) await findRedis();
} catch (error) {
  console.error(`setup: ${error.message}`);
  process.exitCode = 1;
}
