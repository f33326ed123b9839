import { Redis } from 'ioredis';
import { loadConfig } from '../../src/config/load-config.js';
import { GongQuotaGate } from '../../src/gong/api/gong-quota.gate.js';

/** A process of its own that takes tokens of Gong's quota: `take-gong-tokens.ts REDIS_URL HOW_MANY`. */
async function main(redisUrl: string, count: number): Promise<void> {
  const redis = new Redis(redisUrl);
  const gate = new GongQuotaGate(redis, loadConfig({}));
  await Promise.all(Array.from({ length: count }, () => gate.take('live', 50_000)));
  redis.disconnect();
}

main(process.argv[2] ?? '', Number(process.argv[3])).catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
