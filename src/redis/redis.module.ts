import { type DynamicModule, Global, Module } from '@nestjs/common';
import { RedisClient } from './redis-client.js';
import { RedisConnections } from './redis-connections.js';
import { RedisHealthCheck } from './redis-health.check.js';

/**
 * Owns the connections to Redis and, where none is configured, the embedded Redis (embedded/). ioredis is
 * imported nowhere else. Must not know what the others keep in Redis.
 * main.ts opens the connections before Nest starts and closes them after everything else has stopped.
 */
@Global()
@Module({})
export class RedisModule {
  static with(connections: RedisConnections): DynamicModule {
    return {
      module: RedisModule,
      providers: [
        { provide: RedisConnections, useValue: connections },
        { provide: RedisClient, useValue: connections.client },
        RedisHealthCheck,
      ],
      exports: [RedisConnections, RedisClient],
    };
  }
}
