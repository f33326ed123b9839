import { loadConfig } from '../config/load-config.js';
import { failFastOptions, redisAddress, workerOptions } from './redis-options.js';

const addressOf = (environment: Record<string, string>, embeddedUrl?: string) =>
  redisAddress(loadConfig(environment), embeddedUrl);

describe('where Redis is', () => {
  it.each([
    ['redis://a.example', { host: 'a.example', port: 6379, db: 0 }],
    ['redis://a.example:7000/3', { host: 'a.example', port: 7000, db: 3 }],
    ['redis://:p%40ss@a.example', { host: 'a.example', port: 6379, db: 0, password: 'p@ss' }],
    [
      'rediss://us%3Aer:p%2Fss@a.example:7000',
      {
        ...{ host: 'a.example', port: 7000, db: 0, username: 'us:er', password: 'p/ss' },
        tls: { servername: 'a.example' },
      },
    ],
    ['rediss://192.0.2.7', { host: '192.0.2.7', port: 6379, db: 0, tls: {} }],
  ])('is read of %s', (url, address) => {
    expect(addressOf({ REDIS_URL: url })).toEqual(address);
  });

  it('is the embedded one where nothing says otherwise, and never where something does', () => {
    const embedded = 'redis://:secret@127.0.0.1:7001';
    const there = { host: '127.0.0.1', port: 7001, db: 0, password: 'secret' };
    expect(addressOf({}, embedded)).toEqual(there);
    expect(addressOf({ REDIS_URL: 'redis://a.example' }, embedded)).toMatchObject({ host: 'a.example' });
  });

  it('is a host with a user and TLS', () => {
    const access = { REDIS_USERNAME: 'tributary', REDIS_PASSWORD: 'secret' };
    expect(addressOf({ REDIS_HOST: 'a.example', REDIS_DB: '2', ...access })).toEqual({
      ...{ host: 'a.example', port: 6379, db: 2, username: 'tributary', password: 'secret' },
    });
    expect(addressOf({ REDIS_HOST: 'a.example', REDIS_TLS: 'true' })).toEqual({
      ...{ host: 'a.example', port: 6379, db: 0, tls: { servername: 'a.example' } },
    });
  });

  it('is known to sentinels, whose own password is not that of Redis', () => {
    const sentinels = { REDIS_SENTINELS: 'a.example:26379,[2001:db8::1]:26380', REDIS_SENTINEL_NAME: 'main' };
    const place = {
      sentinels: [
        { host: 'a.example', port: 26379 },
        { host: '2001:db8::1', port: 26380 },
      ],
      ...{ name: 'main', db: 0 },
    };
    expect(addressOf(sentinels)).toEqual(place);
    const access = { REDIS_PASSWORD: 'of redis', REDIS_SENTINEL_PASSWORD: 'of sentinels', REDIS_TLS: 'true' };
    expect(addressOf({ ...sentinels, ...access })).toEqual({
      ...{ ...place, password: 'of redis', sentinelPassword: 'of sentinels' },
      ...{ tls: {}, sentinelTLS: {}, enableTLSForSentinelMode: true },
    });
  });

  it('is a cluster', () => {
    const nodes = { REDIS_CLUSTER_NODES: 'a.example:6379,b.example:6380', REDIS_PASSWORD: 'secret' };
    expect(addressOf(nodes)).toEqual({
      clusterNodes: [
        { host: 'a.example', port: 6379 },
        { host: 'b.example', port: 6380 },
      ],
      password: 'secret',
    });
  });
});

describe('a connection to Redis', () => {
  const address = { host: 'a.example', port: 6379 };

  it('of a request fails quickly, that of a worker never gives up', () => {
    const request = failFastOptions(address);
    expect(request).toMatchObject({ ...address, maxRetriesPerRequest: 1, enableOfflineQueue: false });
    expect(request.commandTimeout).toBeGreaterThan(0);
    const worker = workerOptions(address);
    expect(worker).toMatchObject({ ...address, maxRetriesPerRequest: null });
    expect(worker).not.toHaveProperty('commandTimeout');
  });

  it.each([
    ['of a request', failFastOptions(address)],
    ['of a worker', workerOptions(address)],
  ])(
    '%s looks for the new primary where the old one only reads, and comes back within a second',
    (_of, options) => {
      const { reconnectOnError, retryStrategy } = options;
      expect(reconnectOnError(new Error("READONLY You can't write against a read only replica."))).toBe(true);
      expect(reconnectOnError(new Error('WRONGTYPE Operation against a key'))).toBe(false);
      expect([1, 2, 5, 6, 1_000].map(retryStrategy)).toEqual([100, 200, 1_000, 1_000, 1_000]);
    },
  );
});
