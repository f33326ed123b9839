import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import { type Job, Worker } from 'bullmq';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import type { Counter } from 'prom-client';
import { AppConfig } from '../../config/app-config.js';
import type { AlertTargetType } from '../../contracts/alert.js';
import { type AppError, toAppError } from '../../contracts/errors.js';
import { ALERT_QUEUES, type AlertJob } from '../../contracts/jobs.js';
import { KEY_PREFIX, QUEUE_POLICY } from '../../contracts/queues.js';
import { workerOptionsFor } from '../../redis/queue-worker.js';
import { RedisConnections } from '../../redis/redis-connections.js';
import { actOnPolicy, isLastAttempt } from '../../redis/retry-policy.js';
import { AlertDelivery } from './alert.delivery.js';

/**
 * One worker for each kind of target in use, so that a broken Slack holds up no mail. Owns retry: a job that
 * has failed for good stays in the failed set of its queue, with its target's name in its data.
 */
@Injectable()
export class AlertWorkers implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private workers: Worker<AlertJob>[] = [];

  constructor(
    private readonly delivery: AlertDelivery,
    private readonly connections: RedisConnections,
    private readonly config: AppConfig,
    @InjectMetric('alerts_total') private readonly alerts: Counter<'target' | 'outcome'>,
    @InjectPinoLogger(AlertWorkers.name) private readonly logger: PinoLogger,
  ) {}

  onApplicationBootstrap(): void {
    const types = new Set(this.config.alerts.targets.map(({ type }) => type));
    this.workers = [...types].map((type) => this.worker(type));
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.close()));
  }

  private worker(type: AlertTargetType): Worker<AlertJob> {
    const queue = ALERT_QUEUES[type];
    const { concurrency } = QUEUE_POLICY[queue];
    const worker = new Worker<AlertJob>(queue, (job, token) => this.run(type, job, token), {
      ...workerOptionsFor(queue),
      autorun: true,
      connection: this.connections.workers,
      prefix: KEY_PREFIX,
      concurrency: concurrency === 'setting' ? this.config.eventConcurrency : concurrency,
      settings: { backoffStrategy: (attemptsMade) => this.pauseMs(attemptsMade) },
    });
    worker.on('error', (error) => this.logger.warn({ queue, reason: error.message }, 'worker.error'));
    return worker;
  }

  /** The pause of the schedule, and up to a fifth more, so that what failed together does not come together. */
  private pauseMs(attemptsMade: number): number {
    const { retrySeconds } = this.config.alerts;
    const seconds = retrySeconds[attemptsMade - 1] ?? retrySeconds.at(-1) ?? 0;
    return Math.round(seconds * 1000 * (1 + Math.random() / 5));
  }

  private async run(type: AlertTargetType, job: Job<AlertJob>, token?: string): Promise<void> {
    const { target } = job.data;
    try {
      await this.delivery.deliver(type, job.data);
      this.alerts.inc({ target, outcome: 'delivered' });
    } catch (thrown) {
      await this.actOn(toAppError(thrown), job, token);
    }
  }

  private async actOn(error: AppError, job: Job<AlertJob>, token?: string): Promise<never> {
    const { code, message: reason } = error;
    const { target, notification } = job.data;
    const outcome = isLastAttempt(error, job) ? 'dead_letter' : 'failed_attempt';
    this.alerts.inc({ target, outcome });
    this.logger.warn({ target, code, reason, notificationId: notification.id }, `alert.${outcome}`);
    return actOnPolicy(error, null, job, token);
  }
}
