import { randomBytes } from 'node:crypto';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { AppConfig } from '../config/app-config.js';
import { AppError } from '../contracts/errors.js';
import { deduplicationIdOf, type VendorEvent } from '../contracts/event.js';
import { EVENT_QUEUES, EVENTS_QUEUE, PROCESS_EVENT } from '../contracts/jobs.js';
import { QUEUE_POLICY } from '../contracts/queues.js';
import { openQueue } from '../redis/open-queue.js';
import { RedisConnections } from '../redis/redis-connections.js';
import { ReplicaBarrier } from '../redis/replica-barrier.js';
import { ServerConnection } from '../redis/server-connection.js';
import { writtenTogether } from '../redis/written-together.js';
import { IntakeCapacity } from './intake-capacity.js';

/**
 * A webhook may not wait longer than this for Redis: then the answer is 503 and the vendor keeps its copy. A
 * little less than the two seconds that are promised.
 */
const ADMIT_TIMEOUT_MS = 1_900;

/** BullMQ takes jobs without a priority first, then the lowest number. */
const ROUTINE_PRIORITY = 10;

/** BullMQ keeps a stream of what happened to jobs, 10,000 entries unless told otherwise; nobody here reads it. */
const KEPT_QUEUE_EVENTS = 1_000;

export interface AdmittedEvent {
  readonly eventId: string;
  readonly status: 'accepted' | 'duplicate';
}

/**
 * Puts events into the queue. Deduplication and enqueueing are one atomic write of BullMQ: the
 * deduplication key is the event id, and each delivery has a job id of its own, so that the id which comes
 * back shows whether this delivery was the first. A set-then-push of two commands would lose the event
 * when the process dies in between, and a vendor that sends once never sends it again.
 */
@Injectable()
export class EventQueueWriter implements OnApplicationShutdown {
  private readonly queue: Queue<VendorEvent>;
  /** All queues in which events are, for the depth. */
  private readonly queues: readonly Queue<VendorEvent>[];
  private readonly replicas: ReplicaBarrier;
  /** Job ids are unique over processes and restarts, and short: Redis holds each of them five times. */
  private readonly jobIdPrefix = randomBytes(9).toString('base64url');
  private jobCount = 0;

  constructor(
    private readonly connections: RedisConnections,
    private readonly capacity: IntakeCapacity,
    private readonly config: AppConfig,
  ) {
    this.queue = openQueue(EVENTS_QUEUE, connections.writer, {
      streams: { events: { maxLen: KEPT_QUEUE_EVENTS } },
    });
    const others = EVENT_QUEUES.filter((name) => name !== EVENTS_QUEUE);
    this.queues = [this.queue, ...others.map((name) => openQueue<VendorEvent>(name, connections.producers))];
    this.replicas = new ReplicaBarrier(new ServerConnection(connections.writer), config.WEBHOOK_ACK_REPLICAS);
    capacity.watch(this.queues);
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.queues.map((queue) => queue.close()));
  }

  /**
   * Queues events durably: with WEBHOOK_ACK_REPLICAS also on so many replicas.
   * @param dedupeSeconds how long a repeat of the same event counts as a duplicate.
   * @throws AppError `INTAKE.QUEUE_FULL` or `INTAKE.UNAVAILABLE`; some events of a many-record body may have
   * been queued then, and the vendor's next delivery finds those as duplicates.
   */
  async admit(events: readonly VendorEvent[], dedupeSeconds: number): Promise<AdmittedEvent[]> {
    this.capacity.reserve(events.length);
    const deadline = deadlineAfter(ADMIT_TIMEOUT_MS);
    writtenTogether(this.connections.writer);
    try {
      const admitted = await Promise.race([
        this.replicas.hold(() => Promise.all(events.map((event) => this.add(event, dedupeSeconds)))),
        deadline.passed,
      ]);
      this.capacity.release(admitted.filter(({ status }) => status === 'duplicate').length);
      return admitted;
    } catch (error) {
      this.capacity.release(events.length);
      throw new AppError('INTAKE.UNAVAILABLE', 'the queue cannot be written', 'backoff', { cause: error });
    } finally {
      deadline.clear();
    }
  }

  private async add(event: VendorEvent, dedupeSeconds: number): Promise<AdmittedEvent> {
    this.jobCount += 1;
    const jobId = `${this.jobIdPrefix}-${this.jobCount.toString(36)}`;
    // Stored with each job, so only what is not the default; the delay of a retry is the worker's policy.
    const job = await this.queue.add(PROCESS_EVENT, event, {
      jobId,
      deduplication: { id: deduplicationIdOf(event.eventId), ttl: dedupeSeconds * 1000 },
      attempts: this.config.WEBHOOK_MAX_RETRIES,
      backoff: { type: 'policy' },
      removeOnComplete: !QUEUE_POLICY.events.keepCompleted,
      ...(event.urgency === 'routine' && { priority: ROUTINE_PRIORITY }),
    });
    return { eventId: event.eventId, status: job.id === jobId ? 'accepted' : 'duplicate' };
  }
}

function deadlineAfter(milliseconds: number): { passed: Promise<never>; clear: () => void } {
  let timer: NodeJS.Timeout;
  const passed = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${milliseconds} ms`)), milliseconds);
  });
  return { passed, clear: () => clearTimeout(timer) };
}
