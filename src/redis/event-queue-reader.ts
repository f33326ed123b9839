import { Inject, Injectable } from '@nestjs/common';
import { type JobType, Queue } from 'bullmq';
import { deduplicationIdOf, type VendorEvent } from '../contracts/event.js';
import { failureFrom } from '../contracts/failure-text.js';
import { ENRICHMENT_QUEUE, type EventQueueName, EVENTS_QUEUE } from '../contracts/jobs.js';
import type { LiveEvent, LiveEvents, LivePage, LiveState } from '../contracts/ports/live-events.port.js';
import { READ_EVENT_JOBS } from './event-job.script.js';
import { InjectQueue } from './inject-queue.js';
import { RedisClient } from './redis-client.js';

/** So many jobs are read in one script, which holds up Redis for some milliseconds where bodies are large. */
const PAGE = 100;
const MOST_LISTED = 500;
const MOST_SEARCHED = 5_000;
/** BullMQ's score of a delayed job is its time in milliseconds times this, plus a count. */
const DELAYED_SCORE_FACTOR = 0x1000;

const JOB_TYPES: Record<LiveState, readonly JobType[]> = {
  queued: ['waiting', 'prioritized'],
  processing: ['active'],
  waiting: ['delayed'],
  failed: ['failed'],
};
const STATES = Object.keys(JOB_TYPES) as LiveState[];

/** Reads the event queues as BullMQ keeps them. */
@Injectable()
export class EventQueueReader implements LiveEvents {
  private readonly queues: readonly Queue[];

  constructor(
    @InjectQueue(EVENTS_QUEUE) private readonly events: Queue,
    @InjectQueue(ENRICHMENT_QUEUE) enrichment: Queue,
    @Inject(RedisClient) private readonly redis: RedisClient,
  ) {
    this.queues = [events, enrichment];
  }

  /**
   * By the deduplication key, which names the job of the first delivery and dies with the time in which a
   * repeat is a duplicate; else by looking at the newest jobs.
   */
  async find(eventId: string): Promise<readonly LiveEvent[]> {
    const jobId = await this.events.getDeduplicationJobId(deduplicationIdOf(eventId));
    const byKey = jobId === null ? [] : await this.ofJob(jobId);
    return byKey.length > 0 ? byKey : this.search(eventId);
  }

  async newest(states: readonly LiveState[]): Promise<LivePage> {
    const found = await Promise.all(
      this.queues.flatMap((queue) =>
        states.map(async (state) => ({
          events: await this.inState(queue, state, MOST_LISTED),
          counts: await queue.getJobCounts(...JOB_TYPES[state]),
        })),
      ),
    );
    const isComplete = found.every(({ counts }) => Object.values(counts).every((n) => n <= MOST_LISTED));
    return { events: found.flatMap(({ events }) => events), isComplete };
  }

  /** An event that moves on to the other queue keeps the id of its job. */
  private async ofJob(jobId: string): Promise<LiveEvent[]> {
    const found = await Promise.all(
      this.queues.map(async (queue) => {
        const state = stateOf(await queue.getJobState(jobId));
        return state === undefined ? [] : this.read(queue, state, [jobId], '');
      }),
    );
    return found.flat();
  }

  private async search(eventId: string): Promise<LiveEvent[]> {
    const found = await Promise.all(
      this.queues.flatMap((queue) =>
        STATES.map((state) => this.inState(queue, state, MOST_SEARCHED, eventId)),
      ),
    );
    return found.flat();
  }

  private async inState(
    queue: Queue,
    state: LiveState,
    most: number,
    eventId = '',
  ): Promise<readonly LiveEvent[]> {
    const events: LiveEvent[] = [];
    for (const type of JOB_TYPES[state]) {
      const ids = await queue.getRanges([type], 0, most - 1, false);
      for (let start = 0; start < ids.length; start += PAGE) {
        events.push(...(await this.read(queue, state, ids.slice(start, start + PAGE), eventId)));
      }
    }
    return events;
  }

  private async read(
    queue: Queue,
    state: LiveState,
    ids: readonly string[],
    eventId: string,
  ): Promise<LiveEvent[]> {
    const keys = ids.map((id) => queue.toKey(id));
    const wanted = [eventId, deduplicationIdOf(eventId)];
    const found = (await this.redis.eval(READ_EVENT_JOBS, keys.length, ...keys, ...wanted)) as JobAnswer[];
    const jobs = found.map(([index, data, attempts, reason]) => {
      return { id: ids[index - 1] ?? '', data, attempts, reason };
    });
    const dueAt = state === 'waiting' ? await this.dueTimes(queue, jobs) : [];
    return jobs.map((job, index) =>
      liveEvent({ ...job, state, queue: queue.name as EventQueueName, dueAt: dueAt[index] ?? null }),
    );
  }

  private async dueTimes(queue: Queue, jobs: readonly { id: string }[]): Promise<(string | null)[]> {
    if (jobs.length === 0) return [];
    const scores = await this.redis.zmscore(queue.toKey('delayed'), ...jobs.map(({ id }) => id));
    return scores.map((score) =>
      score === null ? null : new Date(Math.floor(Number(score) / DELAYED_SCORE_FACTOR)).toISOString(),
    );
  }
}

type JobAnswer = [place: number, data: string, attempts: string, reason: string];

interface ReadJob {
  readonly queue: EventQueueName;
  readonly id: string;
  readonly state: LiveState;
  readonly data: string;
  readonly attempts: string;
  readonly reason: string;
  readonly dueAt: string | null;
}

function liveEvent({ queue, id, state, data, attempts, reason, dueAt }: ReadJob): LiveEvent {
  const event = JSON.parse(data) as VendorEvent;
  return {
    eventId: event.eventId,
    vendor: event.vendor,
    kind: event.kind,
    objectId: event.objectId,
    correlationId: event.correlationId,
    receivedAt: event.receivedAt,
    state,
    queue,
    dueAt,
    attempts: Number(attempts),
    deadLetterId: state === 'failed' ? `${queue}.${id}` : null,
    failure: reason === '' ? null : failureFrom(reason),
  };
}

/** Undefined for a job that is done, or not there. */
function stateOf(type: string): LiveState | undefined {
  return STATES.find((state) => JOB_TYPES[state].some((jobType) => jobType === type));
}
