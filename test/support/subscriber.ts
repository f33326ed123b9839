import { Redis } from 'ioredis';

export interface ReceivedMessage {
  readonly channel: string;
  readonly message: Record<string, unknown>;
}

/** An agent that hears everything under a prefix. */
export async function subscribe(
  redisUrl: string,
  pattern = 'sophia:*',
): Promise<{ received: ReceivedMessage[]; close: () => void }> {
  const redis = new Redis(redisUrl);
  const received: ReceivedMessage[] = [];
  redis.on('pmessage', (_pattern, channel, text) => {
    received.push({ channel, message: JSON.parse(text) as Record<string, unknown> });
  });
  await redis.psubscribe(pattern);
  return { received, close: () => redis.disconnect() };
}
