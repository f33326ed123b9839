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
import { removeJobsAbout } from './remove-jobs-about.js';

/**
 * Forgets a person in the tasks that are not written yet: who quotes or names her, and what was said in a conversation
 * of hers. A task that stands in the CRM is the CRM's own record.
 */
@Injectable()
@ErasesPersons('crm-tasks')
export class CrmTaskEraser implements PersonEraser {
  constructor(
    private readonly jobs: QueueJobs,
    @InjectQueue(CRM_TASKS_QUEUE) private readonly queue: Queue<CrmTaskJob>,
  ) {}

  async erasePerson(person: PersonToErase): Promise<Record<string, number>> {
    return { tasks: await removeJobsAbout(person, this.jobs, this.queue) };
  }
}
