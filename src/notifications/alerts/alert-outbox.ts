import { Inject, Injectable } from '@nestjs/common';
import { AppConfig } from '../../config/app-config.js';
import type { Notification } from '../../contracts/notification.js';
import { RedisClient } from '../../redis/redis-client.js';
import { NotificationKeys } from '../notification-keys.js';
import type { AlertAddress } from './alert-rules.js';

export interface WaitingAlert {
  /** Its place in the outbox. */
  readonly place: string;
  readonly notification: Notification;
  readonly addresses: readonly AlertAddress[];
}

/**
 * Messages whose alerts are not in their queues yet. The publisher's script adds to it in the same step in
 * which it publishes, so that there is never a message without its alerts; it is never trimmed.
 */
@Injectable()
export class AlertOutbox {
  private readonly key: string;

  constructor(
    @Inject(RedisClient) private readonly redis: RedisClient,
    config: AppConfig,
  ) {
    this.key = new NotificationKeys(config.NOTIFICATION_PREFIX).alertOutbox;
  }

  async oldest(count: number): Promise<WaitingAlert[]> {
    const entries = await this.redis.xrange(this.key, '-', '+', 'COUNT', count);
    return entries.map(([place, fields]) => ({
      place,
      notification: JSON.parse(valueOf(fields, 'message')) as Notification,
      addresses: JSON.parse(valueOf(fields, 'targets')) as AlertAddress[],
    }));
  }

  /** How many messages wait, and since when the oldest does: epoch milliseconds, null where none waits. */
  async backlog(): Promise<{ readonly messages: number; readonly oldestMs: number | null }> {
    const messages = await this.redis.xlen(this.key);
    const [oldest] = await this.redis.xrange(this.key, '-', '+', 'COUNT', 1);
    // An entry's id begins with the time at which Redis took it.
    return { messages, oldestMs: oldest === undefined ? null : Number(oldest[0].split('-')[0]) };
  }

  async remove(places: readonly string[]): Promise<void> {
    await this.redis.xdel(this.key, ...places);
  }
}

/** The value of a field; stream entries come as a flat list of names and values. */
function valueOf(fields: readonly string[], name: string): string {
  const index = fields.findIndex((field, position) => position % 2 === 0 && field === name);
  const value = fields[index + 1];
  if (index < 0 || value === undefined) throw new Error(`an entry of the alert outbox has no ${name}`);
  return value;
}
