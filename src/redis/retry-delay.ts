/**
 * Exponential backoff with a ceiling, and a jitter over the upper half so that events which failed together
 * do not come back together. BullMQ's own exponential backoff has no ceiling.
 *
 * | attempts made | 1 | 2 | 3 | 4 | 5 and more |
 * | base 2, ceiling 30: seconds | 1-2 | 2-4 | 4-8 | 8-16 | 15-30 |
 */
export function retryDelayMs(
  attemptsMade: number,
  baseSeconds: number,
  maxSeconds: number,
  random: () => number = Math.random,
): number {
  const fullSeconds = Math.min(maxSeconds, baseSeconds * 2 ** (attemptsMade - 1));
  return Math.round(fullSeconds * 1000 * (0.5 + random() / 2));
}
