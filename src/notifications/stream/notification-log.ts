import { Inject, Injectable } from '@nestjs/common';
import { AppConfig } from '../../config/app-config.js';
import type { Priority } from '../../contracts/insight.js';
import type { AnyChannelName, ChannelName, Notification } from '../../contracts/notification.js';
import type { ToldMessages } from '../../contracts/ports/told-messages.port.js';
import { RedisClient } from '../../redis/redis-client.js';
import { NotificationKeys } from '../notification-keys.js';
import { START } from './stream-positions.js';

/** One message in the stream of its channel. */
export interface LogEntry {
  readonly channel: AnyChannelName;
  readonly id: string;
  /** The message as published. */
  readonly message: string;
  readonly priority: Priority;
}

/** Reads what is kept in the channels' streams. */
@Injectable()
export class NotificationLog implements ToldMessages {
  readonly keys: NotificationKeys;

  constructor(
    @Inject(RedisClient) private readonly redis: RedisClient,
    config: AppConfig,
  ) {
    this.keys = new NotificationKeys(config.NOTIFICATION_PREFIX);
  }

  /** The ids of the newest messages. */
  async ends(channels: readonly AnyChannelName[]): Promise<Map<AnyChannelName, string>> {
    const ends = await Promise.all(
      channels.map(async (channel) => {
        const [last] = await this.redis.xrevrange(this.keys.stream(channel), '+', '-', 'COUNT', 1);
        return [channel, last?.[0] ?? START] as const;
      }),
    );
    return new Map(ends);
  }

  async newest(channel: ChannelName, limit: number): Promise<readonly Notification[]> {
    const entries = await this.redis.xrevrange(this.keys.stream(channel), '+', '-', 'COUNT', limit);
    return entries.map(([, [, message = '{}']]) => JSON.parse(message) as Notification);
  }

  /** The id of the oldest message that is kept. */
  async oldest(channel: AnyChannelName): Promise<string | undefined> {
    const [first] = await this.redis.xrange(this.keys.stream(channel), '-', '+', 'COUNT', 1);
    return first?.[0];
  }

  /** The next messages after an id, oldest first. */
  async after(channel: AnyChannelName, id: string, count: number): Promise<LogEntry[]> {
    const entries = await this.redis.xrange(this.keys.stream(channel), `(${id}`, '+', 'COUNT', count);
    return entries.map((entry) => logEntry(channel, entry));
  }
}

/** An entry as Redis gives it: its id, and its fields as a flat list. */
export function logEntry(channel: AnyChannelName, [id, [, message = '{}']]: [string, string[]]): LogEntry {
  const { priority } = JSON.parse(message) as Notification;
  return { channel, id, message, priority };
}
