import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import type { LastDeliveries, ProvenDelivery } from '../contracts/ports/last-deliveries.port.js';
import { KEY_PREFIX } from '../contracts/queues.js';
import type { Vendor } from '../contracts/vendor.js';
import { RedisClient } from '../redis/redis-client.js';

/** A webhook waits for no record of it. A crash loses at most so much, and the next delivery mends it. */
const FLUSH_MS = 1_000;

/** Remembers when the last proven delivery of each key came, in Redis, for all processes. */
@Injectable()
export class DeliveryRecorder implements LastDeliveries, OnModuleInit, OnApplicationShutdown {
  private readonly pending = new Map<Vendor, Map<string, string>>();
  private timer?: NodeJS.Timeout;

  constructor(
    @Inject(RedisClient) private readonly redis: RedisClient,
    @InjectPinoLogger(DeliveryRecorder.name) private readonly logger: PinoLogger,
  ) {}

  onModuleInit(): void {
    this.timer = setInterval(() => void this.flush(), FLUSH_MS);
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.flush();
  }

  record(vendor: Vendor, signingKeyId: string): void {
    const byKey = this.pending.get(vendor) ?? new Map<string, string>();
    this.pending.set(vendor, byKey.set(signingKeyId, new Date().toISOString()));
  }

  async of(vendor: Vendor): Promise<readonly ProvenDelivery[]> {
    await this.flush();
    const byKey = await this.redis.hgetall(keyOf(vendor));
    return Object.entries(byKey)
      .map(([signingKeyId, at]) => ({ at, signingKeyId }))
      .sort((left, right) => right.at.localeCompare(left.at));
  }

  private async flush(): Promise<void> {
    const recorded = [...this.pending];
    this.pending.clear();
    for (const [vendor, byKey] of recorded) {
      try {
        await this.redis.hset(keyOf(vendor), Object.fromEntries(byKey));
      } catch (error) {
        this.logger.debug({ reason: (error as Error).message }, 'deliveries.not_recorded');
      }
    }
  }
}

function keyOf(vendor: Vendor): string {
  return `${KEY_PREFIX}:last-deliveries:${vendor}`;
}
