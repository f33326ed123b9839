import { AppError } from '../contracts/errors.js';

const REDIS_RETRY_MS = 2_000;

/**
 * What Redis could not do. It comes back by itself, so this is waiting and no attempt. Without the cause,
 * because a failed command carries its arguments, and they hold the document.
 */
export function redisUnavailable(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return new AppError('MEMORY.UNAVAILABLE', `Redis does not answer the memory: ${reason}`, {
    afterMs: REDIS_RETRY_MS,
  });
}

/** Runs a step that speaks to Redis; what it throws is coded. */
export async function withRedis<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (thrown) {
    throw redisUnavailable(thrown);
  }
}
