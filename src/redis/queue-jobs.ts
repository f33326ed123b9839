import { Inject, Injectable } from '@nestjs/common';
import { AppError } from '../contracts/errors.js';
import type { QueueName } from '../contracts/jobs.js';
import { KEY_PREFIX } from '../contracts/queues.js';
import { keysFrom } from './key-scan.js';
import { RedisClient } from './redis-client.js';

/** A job as BullMQ keeps it, in whatever state it is. */
export interface StoredJob {
  readonly id: string;
  /** JSON. */
  readonly data: string;
  /** What is kept of its failures, as text. */
  readonly failures: string;
}

const POLL_MS = 100;
/** A job rarely takes more than seconds; a replay of the archive may take long. */
const PATIENCE_MS = 60_000;
const ASK_AGAIN_MS = 5_000;
const NOTE_CHUNK = 500;

/**
 * Changes a job that is there. KEYS: the job. ARGV: field and value in turns.
 */
const SET_IF_THERE = `
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('HSET', KEYS[1], unpack(ARGV))
return 1`;

const queueKey = (queue: QueueName, part: string) => `${KEY_PREFIX}:${queue}:${part}`;

/** Looks into whole queues, below BullMQ: for what has to be found wherever it is. */
@Injectable()
export class QueueJobs {
  constructor(@Inject(RedisClient) private readonly redis: RedisClient) {}

  /** All jobs of a queue, also those that move from one state to another meanwhile; some twice. */
  async *of(queue: QueueName): AsyncGenerator<StoredJob> {
    const beginning = queueKey(queue, '');
    for await (const keys of keysFrom(this.redis, beginning, 'hash')) {
      for (const key of keys) {
        const [data, reason, trace] = await this.redis.hmget(key, 'data', 'failedReason', 'stacktrace');
        // Other hashes of the same beginning have no data.
        if (typeof data === 'string') {
          yield { id: key.slice(beginning.length), data, failures: `${reason ?? ''}\n${trace ?? ''}` };
        }
      }
    }
  }

  /** @returns false where the job is gone by now. */
  async replaceData(queue: QueueName, id: string, data: string): Promise<boolean> {
    return this.set(queue, id, ['data', data]);
  }

  async replaceFailures(queue: QueueName, id: string, text: string): Promise<boolean> {
    return this.set(queue, id, ['failedReason', text, 'stacktrace', '[]']);
  }

  /** Removes the notes of a queue's stream of events that say something. @returns how many. */
  async removeNotes(queue: QueueName, isToGo: (text: string) => boolean): Promise<number> {
    const key = queueKey(queue, 'events');
    let removed = 0;
    for (let from = '-'; ;) {
      const notes = await this.redis.xrange(key, from, '+', 'COUNT', NOTE_CHUNK);
      const ids = notes.filter(([, fields]) => isToGo(fields.join('\n'))).map(([id]) => id);
      if (ids.length > 0) removed += await this.redis.xdel(key, ...ids);
      const last = notes.at(-1);
      if (last === undefined || notes.length < NOTE_CHUNK) return removed;
      from = `(${last[0]}`;
    }
  }

  /**
   * Waits until every job that is worked on now has been put down, done or not, in whatever process.
   * @throws AppError `ERASURE.BUSY` when that takes long.
   */
  async untilPutDown(queues: readonly QueueName[]): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    let left = await this.activations(queues);
    while (left.size > 0) {
      if (Date.now() > deadline) {
        throw new AppError('ERASURE.BUSY', 'jobs that may hold something are still worked on', {
          afterMs: ASK_AGAIN_MS,
        });
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      const now = await this.activations(queues);
      left = new Set([...left].filter((activation) => now.has(activation)));
    }
  }

  /** Which jobs are worked on, each with when that began. */
  private async activations(queues: readonly QueueName[]): Promise<Set<string>> {
    const found = new Set<string>();
    for (const queue of queues) {
      for (const id of await this.redis.lrange(queueKey(queue, 'active'), 0, -1)) {
        const begun = await this.redis.hget(queueKey(queue, id), 'processedOn');
        found.add(`${queue} ${id} ${begun ?? ''}`);
      }
    }
    return found;
  }

  private async set(queue: QueueName, id: string, fields: readonly string[]): Promise<boolean> {
    return (await this.redis.eval(SET_IF_THERE, 1, queueKey(queue, id), ...fields)) === 1;
  }
}
