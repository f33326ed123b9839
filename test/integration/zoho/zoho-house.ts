import { join, resolve } from 'node:path';
import { Redis } from 'ioredis';
import { ZohoApiSimulator, type ZohoSimulatorOptions } from '../../simulators/zoho/zoho-api.simulator.js';
import { ServiceProcess } from '../../support/service.js';
import { waitFor } from '../../support/wait-for.js';
import { ReadableMemory } from './readable-memory.js';

const CHANNEL = '1000000068001';
const TOKEN = 'sophia.accounts.3b1f0c9e7d5a4b2c8e6f1a0d9c8b7a65';
const SCRIPT = [
  '-r',
  resolve(__dirname, '../../../config/tooling/register-ts.cjs'),
  join(__dirname, 'zoho-service.ts'),
];
const QUEUES = ['events', 'account-sync', 'crm-tasks'];

export interface ZohoHouseOptions {
  readonly redisUrl: string;
  readonly environment?: Record<string, string>;
  readonly simulator?: ZohoSimulatorOptions;
}

/** A simulated Zoho that notifies a service. */
export class ZohoHouse {
  readonly memory: ReadableMemory;

  private constructor(
    readonly redis: Redis,
    readonly zoho: ZohoApiSimulator,
    readonly service: ServiceProcess,
  ) {
    this.memory = new ReadableMemory(redis);
  }

  static async create({ redisUrl, environment, simulator }: ZohoHouseOptions): Promise<ZohoHouse> {
    const zoho = await ZohoApiSimulator.start(simulator);
    const settings = { REDIS_URL: redisUrl, ZOHO_CHANNEL_TOKENS: `${CHANNEL}:${TOKEN}` };
    const service = await ServiceProcess.create({ ...settings, ...zoho.environment, ...environment }, SCRIPT);
    return new ZohoHouse(new Redis(redisUrl), zoho, service);
  }

  /** From now on the changes of its data are told to the service. */
  watch(): void {
    this.zoho.watch({
      channel_id: CHANNEL,
      token: TOKEN,
      events: ['Accounts.all', 'Contacts.all', 'Deals.all', 'Tasks.all'],
      notify_url: `${this.service.url}/webhooks/zoho`,
      return_affected_field_values: true,
    });
  }

  /** Waits until no queue has anything to do. */
  async idle(timeoutMs = 60_000): Promise<void> {
    await waitFor('all queues to be empty', async () => (await this.unfinished()) === 0, { timeoutMs });
  }

  async unfinished(): Promise<number> {
    const counts = await Promise.all(
      QUEUES.flatMap((queue) => [
        this.redis.llen(`{tributary}:${queue}:wait`),
        this.redis.llen(`{tributary}:${queue}:active`),
        this.redis.zcard(`{tributary}:${queue}:delayed`),
        this.redis.zcard(`{tributary}:${queue}:prioritized`),
      ]),
    );
    return counts.reduce((sum, count) => sum + count, 0);
  }

  async deadLetters(): Promise<number> {
    const counts = await Promise.all(QUEUES.map((queue) => this.redis.zcard(`{tributary}:${queue}:failed`)));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  /** Causes that no sync has ended for. */
  async causesLeft(): Promise<number> {
    return (await this.redis.keys('{tributary}:account-sync:causes:*')).length;
  }

  async close(): Promise<void> {
    await this.service.dispose();
    await this.zoho.stop();
    this.redis.disconnect();
  }
}
