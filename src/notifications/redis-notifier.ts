import { Inject, Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import type { Counter } from 'prom-client';
import { AppConfig } from '../config/app-config.js';
import type { AnyChannelName, Notification, NotificationDraft } from '../contracts/notification.js';
import type { Notifier } from '../contracts/ports/notifier.port.js';
import { RedisClient } from '../redis/redis-client.js';
import { alertAddressesOf } from './alerts/alert-rules.js';
import { NotificationKeys, priorityChannel, shortHash } from './notification-keys.js';
import { publishOnce } from './publish.script.js';

const SECONDS_PER_DAY = 86_400;

/** Publishes to agents over Redis. The message's id is made of what it says, so repeats are recognised. */
@Injectable()
export class RedisNotifier implements Notifier {
  private readonly keys: NotificationKeys;

  constructor(
    @Inject(RedisClient) private readonly redis: RedisClient,
    private readonly config: AppConfig,
    @InjectMetric('notifications_total') private readonly published: Counter<'channel'>,
    @InjectPinoLogger(RedisNotifier.name) private readonly logger: PinoLogger,
  ) {
    this.keys = new NotificationKeys(config.NOTIFICATION_PREFIX);
  }

  async publish(draft: NotificationDraft): Promise<boolean> {
    const notification = this.notification(draft);
    const channels = channelsOf(draft);
    const isNew = await publishOnce(this.redis, {
      keys: this.keysOf(draft, notification.id, channels),
      args: this.argumentsOf(draft, notification, channels),
    });
    if (!isNew) return false;
    for (const name of channels) this.published.inc({ channel: this.keys.channel(name) });
    const { id: notificationId, eventId, correlationId } = notification;
    this.logger.info({ notificationId, channels, eventId, correlationId }, 'notification.published');
    return true;
  }

  private notification(draft: NotificationDraft): Notification {
    const { channel, changeId, news, replayId, message } = draft;
    const id = shortHash(JSON.stringify([channel, changeId, [...news].sort(), replayId ?? null]), 32);
    const publishedAt = new Date().toISOString();
    return { v: 1, id, channel: this.keys.channel(channel), ...message, publishedAt };
  }

  private keysOf({ changeId }: NotificationDraft, id: string, channels: readonly AnyChannelName[]): string[] {
    const { keys } = this;
    const streams = channels.map((name) => keys.stream(name));
    return [keys.message(id), keys.told(changeId), keys.alertOutbox, ...streams];
  }

  private argumentsOf(
    draft: NotificationDraft,
    notification: Notification,
    channels: readonly AnyChannelName[],
  ): (string | number)[] {
    const { NOTIFICATION_TTL, NOTIFICATION_TOLD_DAYS, NOTIFICATION_LOG_LENGTH, alerts } = this.config;
    const addresses = alertAddressesOf(alerts, notification);
    return [
      JSON.stringify(notification),
      notification.id,
      NOTIFICATION_TTL,
      Math.max(NOTIFICATION_TTL, NOTIFICATION_TOLD_DAYS * SECONDS_PER_DAY),
      NOTIFICATION_LOG_LENGTH,
      draft.supersedesEarlier ? `last:${draft.channel}` : '',
      addresses.length > 0 ? JSON.stringify(addresses) : '',
      channels.length,
      ...channels.map((name) => this.keys.channel(name)),
      ...newsFields(draft),
    ];
  }
}

/**
 * Where a draft is published: on its kind's channel, and what is urgent of a conversation or an error on
 * the priority channel too. Single insights and actions are not repeated there: their conversation is.
 */
function channelsOf({ channel, message }: NotificationDraft): AnyChannelName[] {
  const isPart = message.type === 'insight' || message.type === 'action';
  const urgent = message.vendor === 'gong' && !isPart ? priorityChannel(message.priority) : undefined;
  return urgent === undefined ? [channel] : [channel, urgent];
}

/** Short, because they are kept for a year: 64 bits tell the news of one change apart. */
function newsFields({ channel, news, replayId }: NotificationDraft): string[] {
  const told = replayId === undefined ? news : [...news, `replay:${replayId}`];
  return told.map((item) => shortHash(`${channel} ${item}`, 16));
}
