import { Injectable } from '@nestjs/common';
import { Queue } from 'bullmq';
import { AppConfig } from '../config/app-config.js';
import { CRM_TASKS_QUEUE, type CrmTaskJob, WRITE_TASK } from '../contracts/jobs.js';
import { QUEUE_POLICY } from '../contracts/queues.js';
import { InjectQueue } from '../redis/inject-queue.js';

/** Puts tasks into their queue, from which they are written into the CRM. */
@Injectable()
export class CrmTaskQueue {
  constructor(
    @InjectQueue(CRM_TASKS_QUEUE) private readonly queue: Queue<CrmTaskJob>,
    private readonly config: AppConfig,
  ) {}

  /**
   * Durable when it returns. A task that waits, runs or is a dead letter is left as it is; one that was written is
   * queued again, and found to be written.
   */
  async add(job: CrmTaskJob): Promise<void> {
    await this.queue.add(WRITE_TASK, job, {
      jobId: `task-${job.task.id}`,
      attempts: this.config.WEBHOOK_MAX_RETRIES,
      backoff: { type: 'policy', delay: this.config.WEBHOOK_RETRY_DELAY_BASE * 1000 },
      removeOnComplete: !QUEUE_POLICY[CRM_TASKS_QUEUE].keepCompleted,
      removeOnFail: false,
    });
  }
}
