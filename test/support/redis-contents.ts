import type { Redis } from 'ioredis';

/** Everything a Redis holds, as text: each key with its value, whatever its type. */
export async function redisContents(redis: Redis): Promise<Map<string, string>> {
  const contents = new Map<string, string>();
  for (let cursor = '0'; ;) {
    const [next, keys] = await redis.scan(cursor, 'COUNT', 1_000);
    for (const key of keys) contents.set(key, JSON.stringify(await valueOf(redis, key)));
    if (next === '0') return contents;
    cursor = next;
  }
}

async function valueOf(redis: Redis, key: string): Promise<unknown> {
  const type = await redis.type(key);
  switch (type) {
    case 'string':
      return redis.get(key);
    case 'hash':
      return redis.hgetall(key);
    case 'list':
      return redis.lrange(key, 0, -1);
    case 'set':
      return redis.smembers(key);
    case 'zset':
      return redis.zrange(key, '0', '-1');
    case 'stream':
      return redis.xrange(key, '-', '+');
    case 'none':
      return null;
    default:
      throw new Error(`a key of type ${type}`);
  }
}
