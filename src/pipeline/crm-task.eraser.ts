import { Injectable } from '@nestjs/common';
import { Queue } from 'bullmq';
import { CRM_TASKS_QUEUE, type CrmTaskJob } from '../contracts/jobs.js';
import {
  ErasesPersons,
  type PersonEraser,
  type PersonToErase,
} from '../contracts/ports/person-eraser.port.js';
import { InjectQueue } from '../redis/inject-queue.js';
import { QueueJobs } from '../redis/queue-jobs.js';

/**
 * Forgets a person in the tasks that are not written yet, whether they wait or are dead letters: who quotes or names
 * her, and what was said in a conversation of hers. A task that stands in the CRM is the CRM's own record.
 */
@Injectable()
@ErasesPersons('crm-tasks')
export class CrmTaskEraser implements PersonEraser {
  constructor(
    private readonly jobs: QueueJobs,
    @InjectQueue(CRM_TASKS_QUEUE) private readonly queue: Queue<CrmTaskJob>,
  ) {}

  /** One that is being written is waited for: it is gone then, or lies there to be removed. */
  async erasePerson(person: PersonToErase): Promise<Record<string, number>> {
    let tasks = 0;
    for (;;) {
      const { removed, inHand } = await this.sweep(person);
      tasks += removed;
      if (inHand === 0) return { tasks };
      await this.jobs.untilPutDown([CRM_TASKS_QUEUE]);
    }
  }

  private async sweep(person: PersonToErase): Promise<{ removed: number; inHand: number }> {
    let [removed, inHand] = [0, 0];
    for await (const { id, data } of this.jobs.of(CRM_TASKS_QUEUE)) {
      if (!isAbout(data, person)) continue;
      if ((await this.queue.remove(id)) === 1) removed += 1;
      else inHand += 1;
    }
    return { removed, inHand };
  }
}

function isAbout(data: string, person: PersonToErase): boolean {
  if (person.isNamedIn(data)) return true;
  // What Redis holds may come from another release.
  const { event } = JSON.parse(data) as Partial<CrmTaskJob>;
  return event !== undefined && person.traces.has(`${event.kind}:${event.objectId}`);
}
