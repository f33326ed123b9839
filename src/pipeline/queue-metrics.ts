import { Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Queue } from 'bullmq';
import type { Gauge } from 'prom-client';
import type { JsonObject } from '../contracts/json.js';
import {
  HealthCheckNamed,
  type HealthCheckOf,
  type HealthReport,
} from '../contracts/ports/health-check.port.js';
import { onScrape } from '../metrics/on-scrape.js';
import { AllQueues } from '../redis/all-queues.js';

const STATES = ['waiting', 'prioritized', 'active', 'delayed', 'failed'] as const;

/** Depth and age of all queues, for metrics and health. */
@Injectable()
@HealthCheckNamed({ name: 'queues' })
export class QueueMetrics implements OnModuleInit, HealthCheckOf {
  constructor(
    private readonly queues: AllQueues,
    @InjectMetric('queue_depth') private readonly depth: Gauge<'queue' | 'state'>,
    @InjectMetric('queue_oldest_age_seconds') private readonly oldestAge: Gauge<'queue'>,
  ) {}

  onModuleInit(): void {
    onScrape(this.depth, () =>
      this.forEach(async (queue) => {
        const counts = await queue.getJobCounts(...STATES);
        for (const state of STATES) this.depth.set({ queue: queue.name, state }, counts[state] ?? 0);
      }),
    );
    onScrape(this.oldestAge, () =>
      this.forEach(async (queue) => this.oldestAge.set({ queue: queue.name }, await oldestAgeSeconds(queue))),
    );
  }

  /** A pause is said, because it outlives whoever made it. */
  async check(): Promise<HealthReport> {
    const details: Record<string, JsonObject> = {};
    await this.forEach(async (queue) => {
      const counts = await queue.getJobCounts(...STATES);
      const isPaused = await queue.isPaused();
      details[queue.name] = { ...counts, isPaused, oldestAgeSeconds: await oldestAgeSeconds(queue) };
    });
    return { status: 'up', details };
  }

  private async forEach(look: (queue: Queue) => Promise<void>): Promise<void> {
    await Promise.all(this.queues.list.map((queue) => look(queue)));
  }
}

/** Of those with a priority the oldest of the most pressing ones is looked at: the others stand behind it. */
async function oldestAgeSeconds(queue: Queue): Promise<number> {
  const oldest = await queue.getJobs(['waiting', 'prioritized'], 0, 0, true);
  const ages = oldest.map(({ timestamp }) => (Date.now() - timestamp) / 1000);
  return Math.max(0, ...ages);
}
