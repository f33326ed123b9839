import { Inject, Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import type { Counter } from 'prom-client';
import { AppError } from '../contracts/errors.js';
import type { CrmTaskJob } from '../contracts/jobs.js';
import type { JsonObject } from '../contracts/json.js';
import { taskDraft } from '../contracts/notification-drafts.js';
import type { NotificationDraft } from '../contracts/notification.js';
import { CrmTasks, type WrittenTask } from '../contracts/ports/crm-tasks.port.js';
import { Notifier } from '../contracts/ports/notifier.port.js';
import { Outbox } from '../contracts/ports/outbox.port.js';
import { failureDraft } from './failure-draft.js';
import { historyRow, type StageRun } from './history-row.js';
import { isTooOld } from './task-age.js';

/** One attempt at a task, as the queue sees it. */
export interface TaskAttempt {
  readonly job: CrmTaskJob;
  readonly jobId: string;
  /** 1 for the first attempt. */
  readonly attempt: number;
}

/**
 * Has a task written, and says so in the history of its event and to agents. Each step is durable before the next;
 * a crash repeats it, and neither the task nor its row nor its message comes twice.
 */
@Injectable()
export class CrmTaskRunner {
  constructor(
    @Inject(CrmTasks) private readonly crm: CrmTasks,
    @Inject(Outbox) private readonly outbox: Outbox,
    @Inject(Notifier) private readonly notifier: Notifier,
    @InjectMetric('crm_tasks_total') private readonly tasks: Counter<'outcome'>,
    @InjectPinoLogger(CrmTaskRunner.name) private readonly logger: PinoLogger,
  ) {}

  /** @throws AppError of the CRM, with its own retry policy. */
  async run(attempt: TaskAttempt): Promise<void> {
    const { task, event } = attempt.job;
    const startedAt = performance.now();
    if (isTooOld(task.conversation.occurredAt, event.receivedAt, this.crm.maxAgeDays)) {
      return this.leave(attempt, startedAt);
    }
    const written = await this.crm.write(task);
    const { taskId, outcome } = written;
    await this.record(attempt, startedAt, { status: 'completed', details: { taskId, outcome } });
    await this.notifier.publish(draftOf(attempt.job, written));
    this.tasks.inc({ outcome });
    const { eventId, correlationId } = event;
    this.logger.info(
      { eventId, correlationId, task: task.id, taskId, accountId: task.account.id, outcome },
      'crm_task.written',
    );
  }

  /** It has become a dead letter. */
  async giveUp(attempt: TaskAttempt, error: AppError): Promise<void> {
    await this.record(attempt, performance.now(), { status: 'failed', error });
    const event = { ...attempt.job.event, vendor: 'zoho', changeId: null } as const;
    await this.notifier.publish(failureDraft(event, 'assign', error));
    this.tasks.inc({ outcome: 'dead_letter' });
  }

  /** It has waited so long (write-back was off, Zoho was away) that nobody wants it any more. */
  private async leave(attempt: TaskAttempt, startedAt: number): Promise<void> {
    const reason = `the conversation is more than ${this.crm.maxAgeDays} days old`;
    await this.record(attempt, startedAt, { status: 'skipped', details: { reason } });
    this.tasks.inc({ outcome: 'too_old' });
  }

  private async record(
    { job, jobId, attempt }: TaskAttempt,
    startedAt: number,
    { details, ...result }: Pick<StageRun, 'status' | 'error'> & { details?: JsonObject },
  ): Promise<void> {
    const { task, event } = job;
    const run = { event, jobId, stage: 'assign', attempt, round: 0, start: attempt } as const;
    const durationMs = performance.now() - startedAt;
    const about = { task: task.id, accountId: task.account.id, ...details };
    await this.outbox.append([historyRow({ ...run, ...result, durationMs, details: about })]);
  }
}

function draftOf({ task, grounds, event }: CrmTaskJob, { taskId }: WrittenTask): NotificationDraft {
  const { id, account, subject, dueDate, conversation } = task;
  const name = account.name ?? account.id;
  const due = dueDate === null ? '' : `, due ${dueDate}`;
  return taskDraft(
    {
      vendor: 'zoho',
      eventId: event.eventId,
      correlationId: event.correlationId,
      changeId: `crm-task:${id}`,
      occurredAt: conversation.occurredAt,
      subject: {
        type: event.kind,
        id: event.objectId,
        title: conversation.title,
        url: conversation.url,
        account,
      },
    },
    `Task ${taskId} on account ${name}${due}: ${subject}`,
    grounds,
  );
}
