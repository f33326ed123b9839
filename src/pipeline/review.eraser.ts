import { Injectable } from '@nestjs/common';
import { Queue } from 'bullmq';
import { INSIGHT_REVIEW_QUEUE, type InsightReviewJob } from '../contracts/jobs.js';
import {
  ErasesPersons,
  type PersonEraser,
  type PersonToErase,
} from '../contracts/ports/person-eraser.port.js';
import { InjectQueue } from '../redis/inject-queue.js';
import { QueueJobs } from '../redis/queue-jobs.js';
import { removeJobsAbout } from './remove-jobs-about.js';

/** Forgets a person in the conversations that wait to be read by a language model. */
@Injectable()
@ErasesPersons('insight-reviews')
export class ReviewEraser implements PersonEraser {
  constructor(
    private readonly jobs: QueueJobs,
    @InjectQueue(INSIGHT_REVIEW_QUEUE) private readonly queue: Queue<InsightReviewJob>,
  ) {}

  async erasePerson(person: PersonToErase): Promise<Record<string, number>> {
    return { reviews: await removeJobsAbout(person, this.jobs, this.queue) };
  }
}
