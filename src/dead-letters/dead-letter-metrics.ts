import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Gauge } from 'prom-client';
import { failureFrom } from '../contracts/failure-text.js';
import type { QueueName } from '../contracts/jobs.js';
import { RefusedRows } from '../contracts/ports/refused-rows.port.js';
import { KEY_PREFIX, QUEUE_POLICY } from '../contracts/queues.js';
import { onScrape } from '../metrics/on-scrape.js';
import { RedisClient } from '../redis/redis-client.js';

/** The rows that the loader could not write are dead letters too, though of no queue of BullMQ's. */
const WAREHOUSE_QUEUE = 'warehouse';

/** Beyond so many the rest is counted under the code `OTHER`: a scrape must stay cheap. */
const MAX_COUNTED = 2_000;

const QUEUES = Object.keys(QUEUE_POLICY) as QueueName[];

/**
 * Counts the dead letters by code. The failed set of a queue is its dead-letter desk: moving a job
 * elsewhere would open a window in which it is in neither place.
 */
@Injectable()
export class DeadLetterMetrics implements OnModuleInit {
  constructor(
    @Inject(RedisClient) private readonly redis: RedisClient,
    @Inject(RefusedRows) private readonly refusedRows: RefusedRows,
    @InjectMetric('dead_letters') private readonly deadLetters: Gauge<'queue' | 'code'>,
  ) {}

  onModuleInit(): void {
    onScrape(this.deadLetters, async () => {
      const counts = await Promise.all(
        QUEUES.map(async (queue) => ({ queue, byCode: await this.countsByCode(queue) })),
      );
      const refused = await this.refusedRows.counts();
      this.deadLetters.reset();
      for (const { queue, byCode } of counts) {
        for (const [code, count] of byCode) this.deadLetters.set({ queue, code }, count);
      }
      for (const { code, count } of refused) this.deadLetters.inc({ queue: WAREHOUSE_QUEUE, code }, count);
    });
  }

  private async countsByCode(queue: QueueName): Promise<Map<string, number>> {
    const queueKey = `${KEY_PREFIX}:${queue}`;
    const total = await this.redis.zcard(`${queueKey}:failed`);
    const ids = await this.redis.zrevrange(`${queueKey}:failed`, 0, MAX_COUNTED - 1);
    const reading = this.redis.pipeline();
    for (const id of ids) reading.hget(`${queueKey}:${id}`, 'failedReason');
    const counts = new Map<string, number>();
    for (const [, reason] of (await reading.exec()) ?? []) {
      const { code } = failureFrom(typeof reason === 'string' ? reason : '');
      counts.set(code, (counts.get(code) ?? 0) + 1);
    }
    if (total > ids.length) counts.set('OTHER', (counts.get('OTHER') ?? 0) + total - ids.length);
    return counts;
  }
}
