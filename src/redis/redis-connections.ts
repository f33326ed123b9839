import { type Cluster, Redis } from 'ioredis';
import type { RedisClient } from './redis-client.js';
import { openCluster } from './redis-cluster.js';
import { failFastOptions, type RedisAddress, type RedisSettings, workerOptions } from './redis-options.js';

/** A cluster whose nodes announce no address is neither connected nor refused. */
const CONNECT_DEADLINE_MS = 15_000;

/**
 * The connections of this process: one shared client for commands, and what BullMQ makes its own from. Of a
 * cluster BullMQ takes clients instead of options: then all producers share one, and all workers another.
 */
export class RedisConnections {
  /** For commands that answer or fail within two seconds. */
  readonly client: RedisClient;
  /** Accepted events are written here and nothing else, so that WAIT can be asked about exactly them. */
  readonly writer: Redis | Cluster;
  readonly producerOptions: RedisSettings | Cluster;
  readonly workerOptions: RedisSettings | Cluster;
  private readonly all: readonly (Redis | Cluster)[];

  constructor(address: RedisAddress) {
    const producer = failFastOptions(address);
    const worker = workerOptions(address);
    const { clusterNodes } = address;
    if (clusterNodes === undefined) {
      const open = () => new Redis({ ...producer, lazyConnect: true });
      [this.client, this.writer] = [open(), open()];
      [this.producerOptions, this.workerOptions] = [producer, worker];
      this.all = [this.client, this.writer];
      return;
    }
    const open = (settings: RedisSettings) => openCluster(clusterNodes, settings);
    const [client, writer, forProducers, forWorkers] = [
      open(producer),
      open(producer),
      open(producer),
      open(worker),
    ];
    // Both have every command; where they differ (duplicate), blocking-client.ts knows.
    this.client = client as unknown as RedisClient;
    this.writer = writer;
    [this.producerOptions, this.workerOptions] = [forProducers, forWorkers];
    this.all = [client, writer, forProducers, forWorkers];
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
