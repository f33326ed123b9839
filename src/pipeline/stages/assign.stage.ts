import { Inject, Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import type { Counter } from 'prom-client';
import type { JsonObject } from '../../contracts/json.js';
import { CrmTasks } from '../../contracts/ports/crm-tasks.port.js';
import { type TaskProposal, taskProposals } from '../crm-task.proposals.js';
import { CrmTaskQueue } from '../crm-task.queue.js';
import { type EventWork, required, type Stage, type StageResult } from '../stage.js';
import { isTooOld } from '../task-age.js';

/** Hands what somebody of ours has to do to the CRM: each task is queued, or only recorded in a dry run. */
@Injectable()
export class AssignStage implements Stage {
  readonly name = 'assign';

  constructor(
    @Inject(CrmTasks) private readonly crm: CrmTasks,
    private readonly queue: CrmTaskQueue,
    @InjectMetric('crm_tasks_total') private readonly tasks: Counter<'outcome'>,
    @InjectPinoLogger(AssignStage.name) private readonly logger: PinoLogger,
  ) {}

  get isOff(): boolean {
    return this.crm.mode === 'off';
  }

  async run(work: EventWork): Promise<StageResult> {
    const record = required(work.record, 'record');
    const analysis = required(work.analysis, 'analysis');
    const { event, account } = work;
    if (analysis === null) return skipped(work, 'it is private');
    if (account === undefined) return skipped(work, 'no account of the CRM is known for it, for sure');
    if (isTooOld(record.occurredAt, event.receivedAt, this.crm.maxAgeDays)) {
      return skipped(work, `it is more than ${this.crm.maxAgeDays} days old`);
    }
    const { proposals, leftOut } = taskProposals({ vendor: event.vendor, record, analysis, account });
    const isDryRun = this.crm.mode === 'dry-run';
    for (const proposal of proposals) {
      if (isDryRun) this.noteDryRun(work, proposal);
      else await this.enqueue(work, proposal);
    }
    const tasks = proposals.map(outline);
    return {
      status: 'completed',
      work,
      details: { accountId: account.id, leftOut, ...(isDryRun ? { wouldWrite: tasks } : { queued: tasks }) },
    };
  }

  private noteDryRun({ event }: EventWork, { task }: TaskProposal): void {
    const { eventId, correlationId } = event;
    const { id, account, dueDate } = task;
    this.tasks.inc({ outcome: 'dry_run' });
    this.logger.info(
      { eventId, correlationId, task: id, accountId: account.id, dueDate },
      'crm_task.would_write',
    );
  }

  private async enqueue({ event, record }: EventWork, { task, grounds }: TaskProposal): Promise<void> {
    const { eventId, correlationId, vendor, receivedAt } = event;
    const { kind, objectId } = required(record, 'record').conversation;
    const about = { eventId, correlationId, vendor, kind, objectId, receivedAt };
    await this.queue.add({ schemaVersion: 1, task, grounds, event: about });
  }
}

function skipped(work: EventWork, reason: string): StageResult {
  return { status: 'skipped', work, details: { reason } };
}

/** What the history says of a task: which insight, whose and when, but no word that anybody said. */
function outline({ task, grounds }: TaskProposal): JsonObject {
  const { id, dueDate, ownerEmail, quotes } = task;
  const isAction = grounds.actions.length > 0;
  return {
    id,
    rests: isAction ? 'action item' : 'next step',
    ...(!isAction && { text: task.subject }),
    dueDate,
    owner: ownerEmail ?? 'whoever owns the account',
    quotes: quotes.length,
  };
}
