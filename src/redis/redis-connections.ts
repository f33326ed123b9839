import { Redis } from 'ioredis';
import { failFastOptions, type RedisAddress, type RedisSettings, workerOptions } from './redis-options.js';

/** The connections of this process: one shared client for commands, and the options for BullMQ's own. */
export class RedisConnections {
  /** For commands that answer or fail within two seconds. */
  readonly client: Redis;
  readonly producerOptions: RedisSettings;
  readonly workerOptions: RedisSettings;

  constructor(address: RedisAddress) {
    this.producerOptions = failFastOptions(address);
    this.workerOptions = workerOptions(address);
    this.client = new Redis({ ...this.producerOptions, lazyConnect: true });
  }

  /** @throws when Redis cannot be reached at the start; later it reconnects by itself. */
  async connect(): Promise<void> {
    // Each command that fails says so to its caller; without a listener ioredis would print to the console.
    this.client.on('error', () => undefined);
    await this.client.connect();
    await this.client.ping();
  }

  /** Closes the shared client, after what was sent has been answered. */
  async close(): Promise<void> {
    await this.client.quit().catch(() => this.client.disconnect());
  }
}
