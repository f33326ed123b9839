import { Cluster } from 'ioredis';
import type { HostAndPort, RedisSettings } from './redis-options.js';

/**
 * A client of a Redis Cluster, not connected yet. All our keys have one of two hash tags, so that at most two of
 * its shards work; what a cluster gives is the endpoint of a managed service and its fail-over.
 */
export function openCluster(nodes: readonly HostAndPort[], settings: RedisSettings): Cluster {
  const { enableOfflineQueue = true, retryStrategy, ...perNode } = settings;
  return new Cluster([...nodes], {
    lazyConnect: true,
    enableOfflineQueue,
    clusterRetryStrategy: retryStrategy,
    // A certificate names the host: looked up, only its address would be left to compare.
    ...(settings.tls !== undefined && {
      dnsLookup: (address: string, callback: (error: null, address: string) => void) =>
        callback(null, address),
    }),
    redisOptions: perNode,
  });
}
