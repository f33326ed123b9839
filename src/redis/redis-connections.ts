import { type Cluster, Redis } from 'ioredis';
import type { RedisClient } from './redis-client.js';
import { openCluster } from './redis-cluster.js';
import { failFastOptions, type RedisAddress, type RedisSettings, workerOptions } from './redis-options.js';

/** A cluster whose nodes announce no address is neither connected nor refused. */
const CONNECT_DEADLINE_MS = 15_000;

/**
 * The connections of this process, which all its parts share. BullMQ makes only those of its blocking commands itself,
 * as copies. Their names are what CLIENT LIST shows.
 */
export class RedisConnections {
  /** For commands that answer or fail within two seconds. */
  readonly client: RedisClient;
  /** Accepted events are written here and nothing else, so that WAIT can be asked about exactly them. */
  readonly writer: Redis | Cluster;
  /** Of the handles of the queues: as impatient as the client. */
  readonly producers: Redis | Cluster;
  /** Of the workers, which wait for a Redis that is away. */
  readonly workers: Redis | Cluster;
  private readonly all: readonly (Redis | Cluster)[];

  constructor(address: RedisAddress) {
    const open = (connectionName: string, settings: RedisSettings) => {
      const { clusterNodes } = address;
      const named = { ...settings, connectionName: `tributary:${connectionName}` };
      return clusterNodes === undefined
        ? new Redis({ ...named, lazyConnect: true })
        : openCluster(clusterNodes, named);
    };
    // Both kinds have every command; where they differ (duplicate), blocking-client.ts knows.
    this.client = open('client', failFastOptions(address)) as unknown as RedisClient;
    this.writer = open('writer', failFastOptions(address));
    this.producers = open('producers', failFastOptions(address));
    this.workers = open('workers', workerOptions(address));
    this.all = [this.client, this.writer, this.producers, this.workers];
  }

  /** @throws when Redis cannot be reached at the start; later it reconnects by itself. */
  async connect(): Promise<void> {
    for (const client of this.all) {
      // Each command that fails says so to its caller; without a listener ioredis would print to the console.
      client.on('error', () => undefined);
      await withinDeadline(client.connect());
    }
    await this.client.ping();
  }

  /** Closes the clients, after what was sent has been answered. */
  async close(): Promise<void> {
    await Promise.all(this.all.map((client) => client.quit().catch(() => client.disconnect())));
  }
}

async function withinDeadline(connecting: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<never>((_resolve, reject) => {
    const message = `not connected within ${CONNECT_DEADLINE_MS / 1000} s`;
    timer = setTimeout(() => reject(new Error(message)), CONNECT_DEADLINE_MS);
  });
  try {
    await Promise.race([connecting, passed]);
  } finally {
    clearTimeout(timer);
  }
}
