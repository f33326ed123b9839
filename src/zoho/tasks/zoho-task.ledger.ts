import { Inject, Injectable } from '@nestjs/common';
import { KEY_PREFIX } from '../../contracts/queues.js';
import { RedisClient } from '../../redis/redis-client.js';

/** Far longer than a conversation can get tasks (ZOHO_WRITE_BACK_DAYS, 90 at most). */
const KEPT_SECONDS = 400 * 86_400;

/** What is known of the writing of a task. */
export interface TaskEntry {
  /** Zoho's id, once the task is known to be there. */
  readonly taskId: string | null;
  /** When a request was begun whose outcome is not known, epoch milliseconds; null where there is none. */
  readonly startedAtMs: number | null;
}

const keyOf = (id: string) => `${KEY_PREFIX}:zoho:task:${id}`;

/**
 * Which tasks were written, and which may have been: the start is noted before the request leaves, so that
 * whoever comes after a crash or a lost answer looks before writing again.
 */
@Injectable()
export class ZohoTaskLedger {
  constructor(@Inject(RedisClient) private readonly redis: RedisClient) {}

  async find(id: string): Promise<TaskEntry> {
    const [taskId = null, startedAtMs = null] = await this.redis.hmget(keyOf(id), 'taskId', 'startedAtMs');
    return { taskId, startedAtMs: startedAtMs === null ? null : Number(startedAtMs) };
  }

  async start(id: string, startedAtMs: number): Promise<void> {
    await this.keep(id, { startedAtMs });
  }

  /** The request is known to have created nothing. */
  async dropStart(id: string): Promise<void> {
    await this.redis.hdel(keyOf(id), 'startedAtMs');
  }

  async finish(id: string, taskId: string): Promise<void> {
    await this.keep(id, { taskId });
  }

  private async keep(id: string, fields: Record<string, string | number>): Promise<void> {
    const answers = await this.redis.multi().hset(keyOf(id), fields).expire(keyOf(id), KEPT_SECONDS).exec();
    const failure = answers?.find(([error]) => error !== null)?.[0];
    if (answers === null || answers === undefined || failure) {
      throw failure ?? new Error('the ledger of tasks was not written');
    }
  }
}
