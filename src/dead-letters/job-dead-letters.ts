import type { Job, Queue } from 'bullmq';
import type { DeadLetter, DeadLetterDetail } from '../contracts/dead-letter.js';
import { failureFrom } from '../contracts/failure-text.js';
import type { Json } from '../contracts/json.js';
import type { DeadLetterSource } from '../contracts/ports/dead-letter-source.port.js';

/** What a job's data says of a dead letter. */
export type DeadLetterSubject = Pick<
  DeadLetter,
  'vendor' | 'kind' | 'eventId' | 'entityId' | 'correlationId' | 'replayOf'
>;

/** Of a job that is about no single event or object. */
export const NO_SUBJECT: DeadLetterSubject = {
  vendor: null,
  kind: null,
  eventId: null,
  entityId: null,
  correlationId: null,
  replayOf: null,
};

/**
 * The dead letters of a queue: its failed set. Moving a job elsewhere would open a window in which it is in
 * neither place; adding it again under its own id loses it (test: "a failed job").
 */
export abstract class JobDeadLetters<Data> implements DeadLetterSource {
  abstract readonly name: string;

  protected constructor(private readonly queue: Queue<Data>) {}

  protected abstract subjectOf(data: Data): DeadLetterSubject;
  protected abstract payloadOf(data: Data): Json;

  /** The data of a job that is replayed, with a mark of that where it has a place for one. */
  protected marked(data: Data, _replay: { of: string; by: string; at: string }): Data {
    return data;
  }

  async list(offset: number, limit: number): Promise<DeadLetter[]> {
    const jobs = await this.queue.getJobs(['failed'], offset, offset + limit - 1, false);
    return jobs.map((job) => this.letterOf(job as Job<Data>));
  }

  async find(id: string): Promise<DeadLetterDetail | undefined> {
    const job = await this.failedJob(id);
    return job === undefined ? undefined : { ...this.letterOf(job), payload: this.payloadOf(job.data) };
  }

  /** First the mark, then the retry: dying in between leaves a dead letter with a mark, to be replayed again. */
  async replay(id: string, by: string): Promise<boolean> {
    const job = await this.failedJob(id);
    if (job === undefined) return false;
    const replay = { of: `${this.name}.${id}`, by, at: new Date().toISOString() };
    const data = this.marked(job.data, replay);
    if (data !== job.data) await job.updateData(data);
    await job.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true });
    return true;
  }

  async discard(id: string): Promise<boolean> {
    const job = await this.failedJob(id);
    await job?.remove();
    return job !== undefined;
  }

  private async failedJob(id: string): Promise<Job<Data> | undefined> {
    const job = (await this.queue.getJob(id)) as Job<Data> | undefined;
    return job !== undefined && (await job.isFailed()) ? job : undefined;
  }

  private letterOf(job: Job<Data>): DeadLetter {
    return {
      id: `${this.name}.${job.id ?? ''}`,
      source: this.name,
      ...failureFrom(job.failedReason),
      ...this.subjectOf(job.data),
      attempts: job.attemptsMade,
      failedAt: new Date(job.finishedOn ?? job.timestamp).toISOString(),
    };
  }
}
