import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

const NAMES = ['redis-server', 'valkey-server'];

/**
 * The Redis to start: from the PATH, or the one that `npm run setup` has put into the user's cache.
 * @throws when there is none, saying what to do.
 */
export function findRedisBinary(): string {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const folders = [...(process.env.PATH ?? '').split(delimiter), join(cache, 'tributary', 'redis', 'bin')];
  const candidates = folders
    .filter((folder) => folder !== '')
    .flatMap((folder) => NAMES.map((name) => join(folder, name)));
  const found = candidates.find(isExecutable);
  if (found !== undefined) return found;
  throw new Error(
    'Redis is not configured and no redis-server was found. Run `npm run setup`, or install one ' +
      '(Debian: `apt-get install redis-server`, macOS: `brew install redis`), or set REDIS_URL.',
  );
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
