import type { Job, Queue } from 'bullmq';
import type { DeadLetter, DeadLetterDetail } from '../contracts/dead-letter.js';
import { bodyBytes, type VendorEvent } from '../contracts/event.js';
import { failureFrom } from '../contracts/failure-text.js';
import type { Json } from '../contracts/json.js';
import type { DeadLetterSource } from '../contracts/ports/dead-letter-source.port.js';

/**
 * The dead letters of an event queue: its failed set. Moving a job elsewhere would open a window in which it
 * is in neither place; adding it again under its own id loses it (test: "a failed job").
 */
export abstract class EventDeadLetters implements DeadLetterSource {
  abstract readonly name: string;

  protected constructor(private readonly queue: Queue<VendorEvent>) {}

  async list(offset: number, limit: number): Promise<DeadLetter[]> {
    const jobs = await this.queue.getJobs(['failed'], offset, offset + limit - 1, false);
    return jobs.map((job) => letterOf(this.name, job));
  }

  async find(id: string): Promise<DeadLetterDetail | undefined> {
    const job = await this.failedJob(id);
    return job === undefined ? undefined : { ...letterOf(this.name, job), payload: payloadOf(job.data) };
  }

  /** First the mark, then the retry: dying in between leaves a dead letter with a mark, to be replayed again. */
  async replay(id: string, by: string): Promise<boolean> {
    const job = await this.failedJob(id);
    if (job === undefined) return false;
    const replay = { of: `${this.name}.${id}`, by, at: new Date().toISOString() };
    await job.updateData({ ...job.data, replay });
    await job.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true });
    return true;
  }

  async discard(id: string): Promise<boolean> {
    const job = await this.failedJob(id);
    await job?.remove();
    return job !== undefined;
  }

  private async failedJob(id: string): Promise<Job<VendorEvent> | undefined> {
    const job = await this.queue.getJob(id);
    return job !== undefined && (await job.isFailed()) ? job : undefined;
  }
}

function letterOf(source: string, job: Job<VendorEvent>): DeadLetter {
  const { vendor, kind, eventId, objectId, correlationId, replay } = job.data;
  return {
    id: `${source}.${job.id ?? ''}`,
    source,
    ...failureFrom(job.failedReason),
    vendor,
    kind,
    eventId,
    entityId: objectId,
    correlationId,
    attempts: job.attemptsMade,
    failedAt: new Date(job.finishedOn ?? job.timestamp).toISOString(),
    replayOf: replay?.of ?? null,
  };
}

/** The body as JSON where it is, else as text, or as base64 where it is no text. */
function payloadOf(event: VendorEvent): Json {
  if (event.bodyEncoding === 'base64') return event.body;
  try {
    return JSON.parse(bodyBytes(event).toString('utf8')) as Json;
  } catch {
    // Authentic bytes need not be JSON: a form, or something we did not understand.
    return event.body;
  }
}
