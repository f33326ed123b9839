import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Gauge } from 'prom-client';
import { EVENTS_QUEUE } from '../contracts/jobs.js';
import { RefusedRows } from '../contracts/ports/refused-rows.port.js';
import { KEY_PREFIX } from '../contracts/queues.js';
import { onScrape } from '../metrics/on-scrape.js';
import { RedisClient } from '../redis/redis-client.js';

/** The rows that the loader could not write are dead letters too, though of no queue of BullMQ's. */
const WAREHOUSE_QUEUE = 'warehouse';

/** Beyond so many the rest is counted under the code `OTHER`: a scrape must stay cheap. */
const MAX_COUNTED = 2_000;

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
      const counts = await this.countsByCode();
      const refused = await this.refusedRows.counts();
      this.deadLetters.reset();
      for (const [code, count] of counts) this.deadLetters.set({ queue: EVENTS_QUEUE, code }, count);
      for (const { code, count } of refused) this.deadLetters.inc({ queue: WAREHOUSE_QUEUE, code }, count);
    });
  }

  private async countsByCode(): Promise<Map<string, number>> {
    const queueKey = `${KEY_PREFIX}:${EVENTS_QUEUE}`;
    const total = await this.redis.zcard(`${queueKey}:failed`);
    const ids = await this.redis.zrevrange(`${queueKey}:failed`, 0, MAX_COUNTED - 1);
    const reading = this.redis.pipeline();
    for (const id of ids) reading.hget(`${queueKey}:${id}`, 'failedReason');
    const counts = new Map<string, number>();
    for (const [, reason] of (await reading.exec()) ?? []) {
      const code = codeOf(reason);
      counts.set(code, (counts.get(code) ?? 0) + 1);
    }
    if (total > ids.length) counts.set('OTHER', (counts.get('OTHER') ?? 0) + total - ids.length);
    return counts;
  }
}

/** Failed reasons begin with the error's code, `PAYLOAD.NOT_UNDERSTOOD: …`. */
function codeOf(reason: unknown): string {
  const match = typeof reason === 'string' ? /^([A-Z_]+\.[A-Z_]+): /.exec(reason) : null;
  return match?.[1] ?? 'OTHER';
}
