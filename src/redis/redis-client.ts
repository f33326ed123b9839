import type { Redis } from 'ioredis';

/** The shared connection for commands: `@Inject(RedisClient) private readonly redis: RedisClient`. */
export type RedisClient = Redis;
export const RedisClient = Symbol('RedisClient');
