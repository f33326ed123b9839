import { Inject, Injectable } from '@nestjs/common';
import {
  HealthCheckNamed,
  type HealthCheckOf,
  type HealthReport,
} from '../contracts/ports/health-check.port.js';
import { RedisClient } from './redis-client.js';

/** Redis is the one thing the service cannot be without. */
@Injectable()
@HealthCheckNamed({ name: 'redis', required: true })
export class RedisHealthCheck implements HealthCheckOf {
  constructor(@Inject(RedisClient) private readonly redis: RedisClient) {}

  async check(): Promise<HealthReport> {
    const startedAt = performance.now();
    await this.redis.ping();
    return { status: 'up', details: { pingMs: Math.round(performance.now() - startedAt) } };
  }
}
