import { type DynamicModule, Global, Module } from '@nestjs/common';
import type { AppConfig } from '../config/app-config.js';
import { Notifier } from '../contracts/ports/notifier.port.js';
import { ToldMessages } from '../contracts/ports/told-messages.port.js';
import { AlertDelivery } from './alerts/alert.delivery.js';
import { AlertDispatcher } from './alerts/alert.dispatcher.js';
import { AlertOutbox } from './alerts/alert-outbox.js';
import { AlertOutboxMetrics } from './alerts/alert-outbox.metrics.js';
import { AlertQueues } from './alerts/alert-queues.js';
import { AlertWorkers } from './alerts/alert.workers.js';
import { SlackSender } from './alerts/slack.sender.js';
import { SmtpSender } from './alerts/smtp.sender.js';
import { WebhookSender } from './alerts/webhook.sender.js';
import { MessageSchemaController } from './message-schema.controller.js';
import { NotificationEraser } from './notification.eraser.js';
import { RedisNotifier } from './redis-notifier.js';
import { NotificationFeed } from './stream/notification-feed.js';
import { NotificationLog } from './stream/notification-log.js';
import { NotificationStreamController } from './stream/notification-stream.controller.js';
import { NotificationStreams } from './stream/notification-streams.js';

const ALERTING = [
  AlertDelivery,
  AlertDispatcher,
  AlertQueues,
  AlertWorkers,
  SlackSender,
  SmtpSender,
  WebhookSender,
];

/**
 * Owns how agents are told: channels, message ids, streams to catch up from, server-sent events (stream/),
 * and alerts that leave the house (alerts/). Must not know stages, vendors or rows; it is handed drafts. A process
 * with ROLE=api tells agents, and delivers no alerts: other people's servers are work, and work is the workers'.
 */
@Global()
@Module({})
export class NotificationsModule {
  static with({ ROLE }: AppConfig): DynamicModule {
    return {
      module: NotificationsModule,
      controllers: [MessageSchemaController, NotificationStreamController],
      providers: [
        { provide: Notifier, useClass: RedisNotifier },
        NotificationEraser,
        NotificationFeed,
        NotificationLog,
        { provide: ToldMessages, useExisting: NotificationLog },
        NotificationStreams,
        AlertOutbox,
        AlertOutboxMetrics,
        ...(ROLE === 'api' ? [] : ALERTING),
      ],
      exports: [Notifier, ToldMessages],
    };
  }
}
