import { Injectable } from '@nestjs/common';
import { Queue } from 'bullmq';
import { bodyBytes, bodySha256Of, type VendorEvent } from '../contracts/event.js';
import {
  ENRICHMENT_QUEUE,
  ERASURES_QUEUE,
  EVENT_QUEUES,
  type EventQueueName,
  EVENTS_QUEUE,
  type QueueName,
} from '../contracts/jobs.js';
import { ERASED } from '../contracts/mention.js';
import {
  ErasesPersons,
  type PersonEraser,
  type PersonToErase,
} from '../contracts/ports/person-eraser.port.js';
import { QUEUE_POLICY } from '../contracts/queues.js';
import { InjectQueue } from '../redis/inject-queue.js';
import { QueueJobs, type StoredJob } from '../redis/queue-jobs.js';

const ALL_QUEUES = Object.keys(QUEUE_POLICY) as QueueName[];
/** Whose jobs may write something of a person; the erasure itself is a job too, and cannot wait for itself. */
const WRITING_QUEUES = ALL_QUEUES.filter((queue) => queue !== ERASURES_QUEUE);

/**
 * Forgets a person in the queues. A job whose event names the person keeps its place, with nothing in it: it leaves
 * its empty raw row and ends, so that every accepted event is in its raw table, a redelivery is a duplicate as before,
 * and a dead letter is settled. What a worker holds in its hands is waited for, and what it leaves is looked at again.
 */
@Injectable()
@ErasesPersons('queues')
export class QueueEraser implements PersonEraser {
  private readonly queues: Readonly<Record<EventQueueName, Queue<VendorEvent>>>;

  constructor(
    private readonly jobs: QueueJobs,
    @InjectQueue(EVENTS_QUEUE) events: Queue<VendorEvent>,
    @InjectQueue(ENRICHMENT_QUEUE) enrichment: Queue<VendorEvent>,
  ) {
    this.queues = { [EVENTS_QUEUE]: events, [ENRICHMENT_QUEUE]: enrichment };
  }

  async erasePerson(person: PersonToErase): Promise<Record<string, number>> {
    let erased = 0;
    for (;;) {
      const found = await this.sweep(person);
      await this.jobs.untilPutDown(WRITING_QUEUES);
      erased += found;
      if (found === 0) break;
    }
    return { jobs: erased, failures: await this.sweepFailures(person) };
  }

  private async sweep(person: PersonToErase): Promise<number> {
    let found = 0;
    for (const queue of EVENT_QUEUES) {
      for await (const job of this.jobs.of(queue)) {
        if (await this.eraseEvent(queue, job, person)) found += 1;
      }
    }
    return found;
  }

  private async eraseEvent(
    queue: EventQueueName,
    { id, data }: StoredJob,
    person: PersonToErase,
  ): Promise<boolean> {
    const event = JSON.parse(data) as VendorEvent;
    if (event.isErased === true || !(isAbout(event, person) || person.isNamedIn(data))) return false;
    if (event.objectId !== null && event.vendor === 'gong') {
      await person.addTraces([`${event.kind}:${event.objectId}`]);
    }
    if (!(await this.jobs.replaceData(queue, id, JSON.stringify(erasedEvent(event))))) return false;
    const job = await this.queues[queue].getJob(id);
    if (job !== undefined && (await job.isFailed())) {
      await job.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true });
    }
    return true;
  }

  /** What failed may have said what it stumbled over. */
  private async sweepFailures(person: PersonToErase): Promise<number> {
    let found = 0;
    for (const queue of ALL_QUEUES) {
      for await (const { id, failures } of this.jobs.of(queue)) {
        if (person.isNamedIn(failures) && (await this.jobs.replaceFailures(queue, id, ERASED))) found += 1;
      }
      found += await this.jobs.removeNotes(queue, (text) => person.isNamedIn(text));
    }
    return found;
  }
}

/** Whether it is of something she took part in, or its bytes, which may be no text, name her. */
function isAbout(event: VendorEvent, person: PersonToErase): boolean {
  const { kind, objectId, bodyEncoding } = event;
  if (objectId !== null && person.traces.has(`${kind}:${objectId}`)) return true;
  return bodyEncoding === 'base64' && person.isNamedIn(bodyBytes(event).toString('latin1'));
}

/** Field by field: a job of another release may have fields that we do not know. */
function erasedEvent(event: VendorEvent): VendorEvent {
  const { schemaVersion, eventId, changeId, vendor, kind, objectId } = event;
  const { signingKeyId, correlationId, urgency, replay, receivedAt } = event;
  return {
    ...{ schemaVersion, eventId, changeId, vendor, kind, objectId },
    ...{ body: ERASED, bodySha256: bodySha256Of(event), headers: {} },
    ...{ signingKeyId, correlationId, receivedAt, isErased: true },
    ...(urgency !== undefined && { urgency }),
    ...(replay !== undefined && { replay }),
  };
}
