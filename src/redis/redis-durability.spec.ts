import type { Redis } from 'ioredis';
import { durabilityWarnings } from './redis-durability.js';

const SAFE = { appendonly: 'yes', appendfsync: 'always', 'maxmemory-policy': 'noeviction' };

function warningsOf(settings: Partial<Record<string, string>> | Error): Promise<string[]> {
  const config = (_get: string, name: string) => {
    if (settings instanceof Error) return Promise.reject(settings);
    const value = settings[name];
    return Promise.resolve(value === undefined ? [] : [name, value]);
  };
  return durabilityWarnings({ config } as unknown as Redis);
}

describe('what a Redis could lose', () => {
  it('is nothing where it writes each event down and forgets none', async () => {
    expect(await warningsOf(SAFE)).toEqual([]);
  });

  it.each([
    ['crash of Redis', { ...SAFE, appendonly: 'no' }],
    ['power cut', { ...SAFE, appendfsync: 'everysec' }],
    ['file unknown', { appendonly: 'yes', 'maxmemory-policy': 'noeviction' }],
    ['short \\(allkeys-lru\\)', { ...SAFE, 'maxmemory-policy': 'allkeys-lru' }],
  ])('is said once: %s', async (words, settings) => {
    const warnings = await warningsOf(settings);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(new RegExp(words));
  });

  it.each([
    ['forbids the question', new Error('NOPERM')],
    ['answers nothing', {}],
  ])('is not known where it %s, and that is said', async (_does, settings) => {
    expect(await warningsOf(settings)).toEqual([expect.stringContaining('CONFIG is forbidden')]);
  });
});
