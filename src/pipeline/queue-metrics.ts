import { InjectQueue } from '@nestjs/bullmq';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Queue } from 'bullmq';
import type { Gauge } from 'prom-client';
import { ACCOUNT_SYNC_QUEUE, CRM_TASKS_QUEUE, ENRICHMENT_QUEUE, EVENTS_QUEUE } from '../contracts/jobs.js';
import type { JsonObject } from '../contracts/json.js';
import {
  HealthCheckNamed,
  type HealthCheckOf,
  type HealthReport,
} from '../contracts/ports/health-check.port.js';
import { onScrape } from '../metrics/on-scrape.js';

const STATES = ['waiting', 'prioritized', 'active', 'delayed', 'failed'] as const;

/** Depth and age of the queues, for metrics and health. */
@Injectable()
@HealthCheckNamed({ name: 'queues' })
export class QueueMetrics implements OnModuleInit, HealthCheckOf {
  private readonly queues: readonly Queue[];

  constructor(
    @InjectQueue(EVENTS_QUEUE) events: Queue,
    @InjectQueue(ENRICHMENT_QUEUE) enrichment: Queue,
    @InjectQueue(ACCOUNT_SYNC_QUEUE) accountSync: Queue,
    @InjectQueue(CRM_TASKS_QUEUE) crmTasks: Queue,
    @InjectMetric('queue_depth') private readonly depth: Gauge<'queue' | 'state'>,
    @InjectMetric('queue_oldest_age_seconds') private readonly oldestAge: Gauge<'queue'>,
  ) {
    this.queues = [events, enrichment, accountSync, crmTasks];
  }

  onModuleInit(): void {
    onScrape(this.depth, async () => {
      for (const queue of this.queues) {
        const counts = await queue.getJobCounts(...STATES);
        for (const state of STATES) this.depth.set({ queue: queue.name, state }, counts[state] ?? 0);
      }
    });
    onScrape(this.oldestAge, async () => {
      for (const queue of this.queues) {
        this.oldestAge.set({ queue: queue.name }, await oldestAgeSeconds(queue));
      }
    });
  }

  async check(): Promise<HealthReport> {
    const details: Record<string, JsonObject> = {};
    for (const queue of this.queues) {
      const counts = await queue.getJobCounts(...STATES);
      details[queue.name] = { ...counts, oldestAgeSeconds: await oldestAgeSeconds(queue) };
    }
    return { status: 'up', details };
  }
}

async function oldestAgeSeconds(queue: Queue): Promise<number> {
  const [oldest] = await queue.getJobs(['waiting'], 0, 0, true);
  return oldest === undefined ? 0 : Math.max(0, (Date.now() - oldest.timestamp) / 1000);
}
