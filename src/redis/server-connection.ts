import type { Cluster, Redis } from 'ioredis';
import { AppError } from '../contracts/errors.js';
import { KEY_PREFIX } from '../contracts/queues.js';

/** Which connection a piece of work began with. */
export interface ConnectionMark {
  readonly redis: Redis;
  readonly losses: number;
}

/** A server that does not tell its users who it is; then only the losses of the connection are compared. */
const UNNAMED = 'unnamed';

/** The connection of a client to the one server that has our keys, and whether it has stayed the same. */
export class ServerConnection {
  private readonly losses = new WeakMap<Redis, number>();
  private readonly servers = new WeakMap<Redis, string>();
  private slot?: number;

  constructor(private readonly client: Redis | Cluster) {}

  /**
   * WAIT and INFO have no key by which a cluster could find the node.
   * @throws AppError `INTAKE.UNAVAILABLE` while a cluster does not know the node of our keys.
   */
  async current(): Promise<Redis> {
    const { client } = this;
    if (!('slots' in client)) return client;
    this.slot ??= Number(await client.cluster('KEYSLOT', KEY_PREFIX));
    const owner = client.slots[this.slot]?.[0];
    const node = client
      .nodes('master')
      .find(({ options }) => owner !== undefined && `${options.host}:${options.port}` === owner);
    if (node === undefined) {
      throw new AppError('INTAKE.UNAVAILABLE', 'the node of our keys is not known', 'backoff');
    }
    return node;
  }

  async mark(): Promise<ConnectionMark> {
    const redis = await this.current();
    return { redis, losses: this.lossesOf(redis) };
  }

  async isAsAt({ redis, losses }: ConnectionMark): Promise<boolean> {
    return (await this.current()) === redis && this.lossesOf(redis) === losses;
  }

  /** Names the server: Redis makes a new name (`run_id`) each time it starts. Asked once for each connection. */
  async server(): Promise<string> {
    const redis = await this.current();
    const losses = this.lossesOf(redis);
    const known = this.servers.get(redis);
    if (known !== undefined) return known;
    const server = await runIdOf(redis);
    if (this.lossesOf(redis) === losses) this.servers.set(redis, server);
    return server;
  }

  /** Asks the address anew where the server is. */
  async reconnect(): Promise<void> {
    const redis = await this.current();
    if (redis.status === 'ready') redis.disconnect(true);
  }

  private lossesOf(redis: Redis): number {
    if (!this.losses.has(redis)) {
      this.losses.set(redis, 0);
      redis.on('close', () => {
        this.losses.set(redis, (this.losses.get(redis) ?? 0) + 1);
        this.servers.delete(redis);
      });
    }
    return this.losses.get(redis) ?? 0;
  }
}

async function runIdOf(redis: Redis): Promise<string> {
  try {
    return /^run_id:(\w+)/m.exec(await redis.info('server'))?.[1] ?? UNNAMED;
  } catch (error) {
    if ((error as Error).message.startsWith('NOPERM')) return UNNAMED;
    throw error;
  }
}
