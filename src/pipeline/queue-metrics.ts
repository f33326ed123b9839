import { InjectQueue } from '@nestjs/bullmq';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Queue } from 'bullmq';
import type { Gauge } from 'prom-client';
import type { VendorEvent } from '../contracts/event.js';
import { EVENTS_QUEUE } from '../contracts/jobs.js';
import {
  HealthCheckNamed,
  type HealthCheckOf,
  type HealthReport,
} from '../contracts/ports/health-check.port.js';
import { onScrape } from '../metrics/on-scrape.js';

const STATES = ['waiting', 'prioritized', 'active', 'delayed', 'failed'] as const;

/** Depth and age of the event queue, for metrics and health. */
@Injectable()
@HealthCheckNamed({ name: 'queues' })
export class QueueMetrics implements OnModuleInit, HealthCheckOf {
  constructor(
    @InjectQueue(EVENTS_QUEUE) private readonly queue: Queue<VendorEvent>,
    @InjectMetric('queue_depth') private readonly depth: Gauge<'queue' | 'state'>,
    @InjectMetric('queue_oldest_age_seconds') private readonly oldestAge: Gauge<'queue'>,
  ) {}

  onModuleInit(): void {
    onScrape(this.depth, async () => {
      const counts = await this.queue.getJobCounts(...STATES);
      for (const state of STATES) this.depth.set({ queue: EVENTS_QUEUE, state }, counts[state] ?? 0);
    });
    onScrape(this.oldestAge, async () => {
      this.oldestAge.set({ queue: EVENTS_QUEUE }, await this.oldestAgeSeconds());
    });
  }

  async check(): Promise<HealthReport> {
    const counts = await this.queue.getJobCounts(...STATES);
    const oldestAgeSeconds = await this.oldestAgeSeconds();
    return { status: 'up', details: { [EVENTS_QUEUE]: { ...counts, oldestAgeSeconds } } };
  }

  private async oldestAgeSeconds(): Promise<number> {
    const [oldest] = await this.queue.getJobs(['waiting'], 0, 0, true);
    return oldest === undefined ? 0 : Math.max(0, (Date.now() - oldest.timestamp) / 1000);
  }
}
