import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import type { Counter } from 'prom-client';
import { AppConfig } from '../config/app-config.js';
import type { Notification, NotificationDraft } from '../contracts/notification.js';
import type { Notifier } from '../contracts/ports/notifier.port.js';
import { RedisClient } from '../redis/redis-client.js';
import { PUBLISH_ONCE } from './publish.script.js';

/** Publishes to agents over Redis. The message's id is made of what it says, so repeats are recognised. */
@Injectable()
export class RedisNotifier implements Notifier {
  constructor(
    @Inject(RedisClient) private readonly redis: RedisClient,
    private readonly config: AppConfig,
    @InjectMetric('notifications_total') private readonly published: Counter<'channel'>,
    @InjectPinoLogger(RedisNotifier.name) private readonly logger: PinoLogger,
  ) {}

  async publish(draft: NotificationDraft): Promise<boolean> {
    const { NOTIFICATION_PREFIX: prefix, NOTIFICATION_TTL, NOTIFICATION_LOG_LENGTH } = this.config;
    const notification = this.notification(draft);
    const { id, channel, priority, eventId, correlationId, vendor } = notification;
    const channels = [channel];
    if (priority === 'high' || priority === 'urgent') {
      channels.push(`${prefix}:${vendor}:priority:${priority}`);
    }
    const isNew = await this.redis.eval(
      PUBLISH_ONCE,
      2,
      `{${prefix}}:notification:${id}`,
      `{${prefix}}:${draft.channel}:log`,
      JSON.stringify(notification),
      NOTIFICATION_TTL,
      NOTIFICATION_LOG_LENGTH,
      ...channels,
    );
    if (isNew !== 1) return false;
    for (const name of channels) this.published.inc({ channel: name });
    this.logger.info({ notificationId: id, channels, eventId, correlationId }, 'notification.published');
    return true;
  }

  private notification({ channel, identity, message }: NotificationDraft): Notification {
    const id = createHash('sha256')
      .update(JSON.stringify([channel, ...identity]))
      .digest('hex')
      .slice(0, 32);
    const publishedAt = new Date().toISOString();
    return { v: 1, id, channel: `${this.config.NOTIFICATION_PREFIX}:${channel}`, publishedAt, ...message };
  }
}
