import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Queue } from 'bullmq';
import { AppConfig } from '../../config/app-config.js';
import type { AlertTargetType } from '../../contracts/alert.js';
import { ALERT_QUEUES, type AlertJob, SEND_ALERT } from '../../contracts/jobs.js';
import type { Notification } from '../../contracts/notification.js';
import { KEY_PREFIX, QUEUE_POLICY } from '../../contracts/queues.js';
import { RedisConnections } from '../../redis/redis-connections.js';
import type { AlertAddress } from './alert-rules.js';

const MS_PER_DAY = 86_400_000;

/** Puts alerts into the queue of their kind of target; connections are made with the first one. */
@Injectable()
export class AlertQueues implements OnApplicationShutdown {
  private readonly queues = new Map<AlertTargetType, Queue<AlertJob>>();

  constructor(
    private readonly connections: RedisConnections,
    private readonly config: AppConfig,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([...this.queues.values()].map((queue) => queue.close()));
  }

  /**
   * Queues one alert durably. The same message and target again is queued once: the deduplication key
   * outlives the finished job, for as long as it is remembered what was told.
   */
  async add(notification: Notification, { type, name }: AlertAddress): Promise<void> {
    const { keepCompleted } = QUEUE_POLICY[ALERT_QUEUES[type]];
    const id = `${notification.id}-${name}`;
    await this.queue(type).add(
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

  private queue(type: AlertTargetType): Queue<AlertJob> {
    const known = this.queues.get(type);
    if (known !== undefined) return known;
    const { producerOptions: connection } = this.connections;
    const queue = new Queue<AlertJob>(ALERT_QUEUES[type], { connection, prefix: KEY_PREFIX });
    // Reconnecting is BullMQ's work; an add that fails is logged by whoever asked for it.
    queue.on('error', () => undefined);
    this.queues.set(type, queue);
    return queue;
  }
}
