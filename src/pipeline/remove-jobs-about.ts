import type { Queue } from 'bullmq';
import type { VendorEvent } from '../contracts/event.js';
import type { QueueName } from '../contracts/jobs.js';
import type { PersonToErase } from '../contracts/ports/person-eraser.port.js';
import type { QueueJobs } from '../redis/queue-jobs.js';

/** A job that follows an event, and can go without leaving anything undone that was promised. */
export interface JobAfterEvent {
  readonly event: Pick<VendorEvent, 'kind' | 'objectId'>;
}

/**
 * Removes the jobs that name a person or are of a conversation of hers, whether they wait or are dead letters. One that
 * is being worked on is waited for: it is gone then, or lies there to be removed.
 * @returns how many.
 * @throws AppError `ERASURE.BUSY`
 */
export async function removeJobsAbout(
  person: PersonToErase,
  jobs: QueueJobs,
  queue: Queue<JobAfterEvent>,
): Promise<number> {
  const name = queue.name as QueueName;
  for (let all = 0; ;) {
    const { removed, inHand } = await sweep(person, jobs, queue);
    all += removed;
    if (inHand === 0) return all;
    await jobs.untilPutDown([name]);
  }
}

async function sweep(
  person: PersonToErase,
  jobs: QueueJobs,
  queue: Queue<JobAfterEvent>,
): Promise<{ removed: number; inHand: number }> {
  let [removed, inHand] = [0, 0];
  for await (const { id, data } of jobs.of(queue.name as QueueName)) {
    if (!isAbout(data, person)) continue;
    if ((await queue.remove(id)) === 1) removed += 1;
    else inHand += 1;
  }
  return { removed, inHand };
}

function isAbout(data: string, person: PersonToErase): boolean {
  if (person.isNamedIn(data)) return true;
  // What Redis holds may come from another release.
  const { event } = JSON.parse(data) as Partial<JobAfterEvent>;
  return event !== undefined && person.traces.has(`${event.kind}:${event.objectId ?? ''}`);
}
