// Finds a Redis for development, demo and tests, or puts one into a cache folder of the user: nothing of
// the system changes and no service is started. npm packages that bring a Redis were tried and refused:
// they need a newer glibc, a compiler, or keep the data in memory only.
import { spawnSync } from 'node:child_process';
import {
  accessSync,
  chmodSync,
  constants,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

const SERVERS = ['redis-server', 'valkey-server'];
const REDIS_IS_ELSEWHERE = ['REDIS_URL', 'REDIS_HOST', 'REDIS_CLUSTER_NODES', 'REDIS_SENTINELS'];

/** Needed by Debian's maintainer scripts only, which `dpkg-deb -x` does not run. */
const NOT_NEEDED = new Set(['adduser', 'debconf', 'init-system-helpers', 'lsb-base', 'procps']);

/** src/redis/embedded/find-redis-binary.ts looks here too. */
const CACHE = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'tributary', 'redis');
const CACHED_SERVER = join(CACHE, 'bin', 'redis-server');

/** `exec` keeps the pid, so that whoever starts this wrapper can signal the server itself. */
const WRAPPER = `#!/bin/sh
here=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
export LD_LIBRARY_PATH="$here/lib\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
exec "$here/libexec/redis-server" "$@"
`;

/**
 * Makes sure that there is a Redis to start, or that none is needed.
 * @returns {Promise<{path: string | undefined, how: 'configured' | 'path' | 'cache' | 'downloaded' | 'installed'}>}
 * @throws an Error that says what to do by hand.
 */
export async function provisionRedis() {
  if (REDIS_IS_ELSEWHERE.some((name) => process.env[name])) return { path: undefined, how: 'configured' };
  const installed = SERVERS.map(onPath).find(Boolean);
  if (installed) return { path: installed, how: 'path' };
  if (runs(CACHED_SERVER)) return { path: CACHED_SERVER, how: 'cache' };

  const problems = [];
  if (onPath('apt-get') && onPath('dpkg-deb')) {
    try {
      downloadIntoCache();
      return { path: CACHED_SERVER, how: 'downloaded' };
    } catch (error) {
      problems.push(error.message);
    }
    if (process.getuid?.() === 0) {
      try {
        return { path: installOnSystem(), how: 'installed' };
      } catch (error) {
        problems.push(error.message);
      }
    }
  }
  throw new Error(whatToDo(problems));
}

/** Debian's packages with their libraries, unpacked beside the cache and moved there in one step. */
function downloadIntoCache() {
  mkdirSync(join(CACHE, '..'), { recursive: true });
  const work = mkdtempSync(`${CACHE}.new-`);
  try {
    const packages = join(work, 'packages');
    const unpacked = join(work, 'unpacked');
    mkdirSync(packages);
    mkdirSync(unpacked);
    fetchPackages(packages, aptOptions(work));
    for (const file of readdirSync(packages)) run('dpkg-deb', ['-x', join(packages, file), unpacked]);
    const made = join(work, 'redis');
    assemble(unpacked, made);
    run(join(made, 'bin', 'redis-server'), ['--version']);
    moveToCache(made, join(work, 'replaced'));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Own lists and cache, so that no root is needed and the system's own stay as they are. */
function aptOptions(work) {
  const lists = join(work, 'lists');
  const cache = join(work, 'cache');
  mkdirSync(join(lists, 'partial'), { recursive: true });
  mkdirSync(join(cache, 'archives', 'partial'), { recursive: true });
  const settings = [`Dir::State::Lists=${lists}`, `Dir::Cache=${cache}`, 'Acquire::Languages=none'];
  // As root, apt would download as the user _apt, who cannot write into our folder.
  if (process.getuid?.() === 0) settings.push('APT::Sandbox::User=root');
  return ['-qq', ...settings.flatMap((setting) => ['-o', setting])];
}

/** Downloads Redis and whatever of its dependencies the system lacks; the names differ between releases. */
function fetchPackages(folder, options) {
  // A foreign source that is broken fails the update, yet not necessarily the download: that one decides.
  spawnSync('apt-get', [...options, 'update'], { stdio: 'ignore' });
  const seen = new Set();
  let wanted = ['redis-server', 'redis-tools'];
  while (wanted.length > 0) {
    const known = new Set(readdirSync(folder));
    run('apt-get', [...options, 'download', ...wanted], { cwd: folder });
    wanted.forEach((name) => seen.add(name));
    const added = readdirSync(folder).filter((file) => !known.has(file));
    const dependencies = new Set(added.flatMap((file) => dependenciesOf(join(folder, file))));
    wanted = [...dependencies].filter(
      (name) => !seen.has(name) && !NOT_NEEDED.has(name) && !isInstalled(name),
    );
  }
}

/** Package names out of "libc6 (>= 2.34), libssl3 | libssl1.1"; of alternatives the first. */
function dependenciesOf(debFile) {
  const text = run('dpkg-deb', ['-f', debFile, 'Depends']).trim();
  if (text === '') return [];
  return text.split(',').map((item) =>
    item
      .split('|')[0]
      .replace(/[(:].*/s, '')
      .trim(),
  );
}

function isInstalled(name) {
  const { stdout } = spawnSync('dpkg-query', ['-W', '-f', '${Status}\n', name], { encoding: 'utf8' });
  return (stdout ?? '').includes('install ok installed');
}

/** Keeps the server, its libraries and the wrapper; the rest of the packages is not needed. */
function assemble(unpacked, made) {
  for (const folder of ['bin', 'lib', 'libexec']) mkdirSync(join(made, folder), { recursive: true });
  // Debian's redis-server is a link to redis-check-rdb of another package, and the program looks at the
  // name it is called by: so the real file is copied under the right name.
  copyFileSync(realpathSync(join(unpacked, 'usr/bin/redis-server')), join(made, 'libexec', 'redis-server'));
  chmodSync(join(made, 'libexec', 'redis-server'), 0o755);
  for (const entry of readdirSync(unpacked, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory() || !/\.so(\.|$)/.test(entry.name)) continue;
    const from = join(entry.parentPath ?? entry.path, entry.name);
    cpSync(from, join(made, 'lib', entry.name), { verbatimSymlinks: true });
  }
  writeFileSync(join(made, 'bin', 'redis-server'), WRAPPER, { mode: 0o755 });
}

/** A second run at the same time may have been quicker: then its result is as good as ours. */
function moveToCache(made, replaced) {
  if (runs(CACHED_SERVER)) return;
  try {
    renameSync(CACHE, replaced);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  try {
    renameSync(made, CACHE);
  } catch (error) {
    if (!runs(CACHED_SERVER)) throw error;
  }
}

function installOnSystem() {
  console.log('redis: apt-get install -y redis-server (this changes the system and may start a service)');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  run('apt-get', ['-qq', 'update'], { env });
  run('apt-get', ['-qq', 'install', '-y', 'redis-server'], { env });
  const path = onPath('redis-server');
  if (!path) throw new Error('apt-get installed redis-server, but it is not on the PATH');
  return path;
}

function onPath(name) {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function runs(server) {
  return isExecutable(server) && spawnSync(server, ['--version'], { stdio: 'ignore' }).status === 0;
}

function run(command, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', ...options });
  if (status === 0) return stdout;
  throw new Error(`${command} ${args.at(-1)}: ${error?.message ?? stderr.trim()}`);
}

function whatToDo(problems) {
  return [
    'No Redis found, and none could be fetched. Do one of these:',
    ...(process.platform === 'darwin'
      ? ['  brew install redis']
      : ['  apt-get install redis-server     (macOS: brew install redis)']),
    '  docker run -d -p 6379:6379 redis:7 --appendonly yes     and REDIS_URL=redis://127.0.0.1:6379',
    '  set REDIS_URL to a Redis that you have',
    ...problems.map((problem) => `What was tried: ${problem}`),
  ].join('\n');
}
