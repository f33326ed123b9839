import { Redis, type RedisOptions } from 'ioredis';
import { failFastOptions, workerOptions } from './redis-options.js';

/** The connections of this process: one shared client for commands, and the options for BullMQ's own. */
export class RedisConnections {
  /** For commands that answer or fail within two seconds. */
  readonly client: Redis;
  readonly producerOptions: RedisOptions;
  readonly workerOptions: RedisOptions;

  constructor(address: RedisOptions) {
    this.producerOptions = failFastOptions(address);
    this.workerOptions = workerOptions(address);
    this.client = new Redis({ ...this.producerOptions, lazyConnect: true });
  }

  /** Connects, and says so in plain words when it cannot. */
  async connect(onError: (error: Error) => void): Promise<void> {
    this.client.on('error', onError);
    await this.client.connect();
    await this.client.ping();
  }

  /** Closes the shared client, after what was sent has been answered. */
  async close(): Promise<void> {
    await this.client.quit().catch(() => this.client.disconnect());
  }
}
