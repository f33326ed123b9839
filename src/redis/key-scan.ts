import { Cluster } from 'ioredis';
import type { RedisClient } from './redis-client.js';

const KEYS_AT_ONCE = 1_000;

/** The keys that begin with a text, some at a time: every key that is there all the while is given, some twice. */
export async function* keysFrom(
  redis: RedisClient,
  beginning: string,
  type: 'hash' | 'string',
): AsyncGenerator<string[]> {
  const pattern = `${beginning.replace(/[*?[\]\\]/g, '\\$&')}*`;
  const connection: unknown = redis;
  const nodes = connection instanceof Cluster ? connection.nodes('master') : [redis];
  for (const node of nodes) {
    for (let cursor = '0'; ;) {
      const [next, keys] = await node.scan(cursor, 'MATCH', pattern, 'COUNT', KEYS_AT_ONCE, 'TYPE', type);
      if (keys.length > 0) yield keys;
      if (next === '0') break;
      cursor = next;
    }
  }
}
