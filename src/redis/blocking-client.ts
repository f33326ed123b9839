import { Cluster } from 'ioredis';
import type { RedisClient } from './redis-client.js';

/** Without a deadline, because it waits on purpose; without a limit of retries, so that it survives an outage. */
const BLOCKING = { commandTimeout: undefined, maxRetriesPerRequest: null } as const;

/** A connection of its own for commands that block. The caller disconnects it. */
export function blockingClient(redis: RedisClient): RedisClient {
  const client: unknown = redis;
  if (!(client instanceof Cluster)) return redis.duplicate({ ...BLOCKING, enableOfflineQueue: true });
  const copy = client.duplicate(undefined, {
    ...client.options,
    enableOfflineQueue: true,
    lazyConnect: false,
    redisOptions: { ...client.options.redisOptions, ...BLOCKING },
  });
  return copy as unknown as RedisClient;
}
