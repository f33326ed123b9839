import type { Redis } from 'ioredis';

/**
 * What a Redis that somebody else runs could lose of what we have acknowledged, in plain words; empty when
 * it keeps everything. Managed services often forbid CONFIG: then we say that we could not look.
 */
export async function durabilityWarnings(redis: Redis): Promise<string[]> {
  const settings = await settingsOf(redis);
  if (settings === undefined) {
    return [
      'Redis does not show its settings (CONFIG is forbidden): make sure that it persists and never evicts.',
    ];
  }
  const warnings: string[] = [];
  if (settings.get('appendonly') !== 'yes') {
    warnings.push(
      'Redis keeps no append-only file: a crash of Redis loses acknowledged events (appendonly yes).',
    );
  } else if (settings.get('appendfsync') !== 'always') {
    const fsync = settings.get('appendfsync') ?? 'unknown';
    warnings.push(
      `Redis syncs its file ${fsync}: a power cut can lose the last acknowledged events (appendfsync always).`,
    );
  }
  const eviction = settings.get('maxmemory-policy');
  if (eviction !== 'noeviction') {
    warnings.push(
      `Redis evicts keys when memory is short (${eviction}): acknowledged events can vanish (maxmemory-policy noeviction).`,
    );
  }
  return warnings;
}

async function settingsOf(redis: Redis): Promise<Map<string, string> | undefined> {
  try {
    const settings = new Map<string, string>();
    for (const name of ['appendonly', 'appendfsync', 'maxmemory-policy']) {
      const [, value] = await redis.config('GET', name);
      if (value !== undefined) settings.set(name, value);
    }
    return settings.size === 0 ? undefined : settings;
  } catch {
    // Forbidden or renamed: the answer is that nobody can tell.
    return undefined;
  }
}
