import { Injectable } from '@nestjs/common';
import { Queue } from 'bullmq';
import { AppConfig } from '../../config/app-config.js';
import type { AlertTargetType } from '../../contracts/alert.js';
import { ALERT_QUEUES, type AlertJob, SEND_ALERT } from '../../contracts/jobs.js';
import type { Notification } from '../../contracts/notification.js';
import { QUEUE_POLICY } from '../../contracts/queues.js';
import { InjectQueue } from '../../redis/inject-queue.js';
import type { AlertAddress } from './alert-rules.js';

const MS_PER_DAY = 86_400_000;

/** Puts alerts into the queue of their kind of target. */
@Injectable()
export class AlertQueues {
  private readonly queues: Readonly<Record<AlertTargetType, Queue<AlertJob>>>;

  constructor(
    @InjectQueue(ALERT_QUEUES.slack) slack: Queue<AlertJob>,
    @InjectQueue(ALERT_QUEUES.smtp) smtp: Queue<AlertJob>,
    @InjectQueue(ALERT_QUEUES.webhook) webhook: Queue<AlertJob>,
    private readonly config: AppConfig,
  ) {
    this.queues = { slack, smtp, webhook };
  }

  /**
   * Queues one alert durably. The same message and target again is queued once: the deduplication key
   * outlives the finished job, for as long as it is remembered what was told.
   */
  async add(notification: Notification, { type, name }: AlertAddress): Promise<void> {
    const { keepCompleted } = QUEUE_POLICY[ALERT_QUEUES[type]];
    const id = `${notification.id}-${name}`;
    await this.queues[type].add(
      SEND_ALERT,
      { schemaVersion: 1, target: name, notification },
      {
        jobId: id,
        deduplication: { id, ttl: this.config.NOTIFICATION_TOLD_DAYS * MS_PER_DAY },
        attempts: this.config.alerts.retrySeconds.length + 1,
        backoff: { type: 'schedule' },
        removeOnComplete: !keepCompleted,
        removeOnFail: false,
      },
    );
  }
}
