import { isIP } from 'node:net';
import type { AppConfig } from '../config/app-config.js';

export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

export interface RedisTls {
  /** Name in the certificate, where it is not an address. */
  readonly servername?: string;
  /** PEM of the authority, instead of those that Node knows. */
  readonly ca?: string;
}

/** Where a Redis is and how to sign in; the names are those of ioredis. */
export interface RedisAddress {
  readonly host?: string;
  readonly port?: number;
  readonly db?: number;
  readonly username?: string;
  readonly password?: string;
  readonly tls?: RedisTls;
  /** Who knows the primary, instead of host and port. */
  readonly sentinels?: HostAndPort[];
  /** The primary's name among the sentinels. */
  readonly name?: string;
  readonly sentinelPassword?: string;
  readonly sentinelTLS?: RedisTls;
  readonly enableTLSForSentinelMode?: boolean;
  /** Some nodes of a cluster, instead of host and port. */
  readonly clusterNodes?: readonly HostAndPort[];
}

/** An address with how patient its connection is; fits ioredis and BullMQ. */
export interface RedisSettings extends RedisAddress {
  readonly connectionName?: string;
  readonly maxRetriesPerRequest: number | null;
  readonly enableOfflineQueue?: boolean;
  readonly commandTimeout?: number;
  readonly connectTimeout: number;
  readonly socketTimeout: number;
  readonly reconnectOnError: (error: Error) => boolean;
  readonly retryStrategy: (attempt: number) => number;
}

/** Longest wait for one answer of Redis. A frozen Redis (SIGSTOP) answers nothing and closes nothing. */
const COMMAND_TIMEOUT_MS = 2_000;

/** A host that went away in a fail-over refuses nothing, it is only silent. */
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * A connection with something to answer that is silent for so long is given up, so that the next one finds who
 * answers now. A worker's blocking commands are answered every ten seconds at the latest, even if with nothing.
 */
const SILENCE_MS = 3_000;
const WORKER_SILENCE_MS = 20_000;

/** A demoted primary keeps its connections and refuses each write: the address leads to the new one by now. */
const isDemoted = (error: Error) => error.message.includes('READONLY');

/** Reconnects at once and then at most every second: a webhook waits for nobody, and a worker must be back soon. */
const reconnectDelayMs = (attempt: number) => Math.min(50 * 2 ** Math.min(attempt, 5), 1_000);

/** Where Redis is: given by the configuration, or the embedded one that main.ts has started. */
export function redisAddress(config: AppConfig, embeddedUrl?: string): RedisAddress {
  const { REDIS_USERNAME: username, REDIS_PASSWORD: password, REDIS_TLS_CA: ca } = config;
  const url = config.REDIS_URL ?? embeddedUrl;
  if (url !== undefined) return addressOfUrl(new URL(url), ca);
  return {
    ...placeOf(config),
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(config.REDIS_TLS && { tls: tlsFor(config.REDIS_HOST, ca) }),
  };
}

function placeOf(config: AppConfig): RedisAddress {
  const { REDIS_DB: db, REDIS_SENTINEL_PASSWORD: sentinelPassword } = config;
  if (config.REDIS_CLUSTER_NODES.length > 0) {
    return { clusterNodes: config.REDIS_CLUSTER_NODES.map(hostAndPort) };
  }
  if (config.REDIS_SENTINELS.length === 0) {
    return { host: config.REDIS_HOST, port: config.REDIS_PORT, db };
  }
  return {
    sentinels: config.REDIS_SENTINELS.map(hostAndPort),
    name: config.REDIS_SENTINEL_NAME,
    db,
    ...(sentinelPassword !== undefined && { sentinelPassword }),
    ...(config.REDIS_TLS && {
      sentinelTLS: tlsFor(undefined, config.REDIS_TLS_CA),
      enableTLSForSentinelMode: true,
    }),
  };
}

/** Of `host:port`, or `[address]:port`, which the configuration has checked. */
function hostAndPort(text: string): HostAndPort {
  const colon = text.lastIndexOf(':');
  return { host: text.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(text.slice(colon + 1)) };
}

/** A certificate may name addresses too, but TLS sends only names (RFC 6066, section 3). */
function tlsFor(host: string | undefined, ca: string | undefined): RedisTls {
  return {
    ...(host !== undefined && isIP(host) === 0 && { servername: host }),
    ...(ca !== undefined && { ca }),
  };
}

function addressOfUrl(url: URL, ca: string | undefined): RedisAddress {
  return {
    host: url.hostname,
    port: url.port === '' ? 6379 : Number(url.port),
    db: Number(url.pathname.slice(1) || '0'),
    ...(url.username !== '' && { username: decodeURIComponent(url.username) }),
    ...(url.password !== '' && { password: decodeURIComponent(url.password) }),
    ...(url.protocol === 'rediss:' && { tls: tlsFor(url.hostname, ca) }),
  };
}

/**
 * For everything that must answer or fail quickly: no offline queue (a command while Redis is away fails at
 * once instead of waiting in memory) and a deadline for each command.
 */
export function failFastOptions(address: RedisAddress): RedisSettings {
  return {
    ...address,
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    commandTimeout: COMMAND_TIMEOUT_MS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: SILENCE_MS,
    reconnectOnError: isDemoted,
    retryStrategy: reconnectDelayMs,
  };
}

/**
 * For BullMQ workers, which wait in blocking commands: no deadline (it would kill the blocking BZPOPMIN),
 * and no limit of retries (BullMQ asks for null).
 */
export function workerOptions(address: RedisAddress): RedisSettings {
  return {
    ...address,
    maxRetriesPerRequest: null,
    connectTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: WORKER_SILENCE_MS,
    reconnectOnError: isDemoted,
    retryStrategy: reconnectDelayMs,
  };
}
