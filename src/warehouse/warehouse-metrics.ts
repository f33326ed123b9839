import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Gauge } from 'prom-client';
import {
  HealthCheckNamed,
  type HealthCheckOf,
  type HealthReport,
} from '../contracts/ports/health-check.port.js';
import { Warehouse } from '../contracts/ports/warehouse.port.js';
import { onScrape } from '../metrics/on-scrape.js';
import { RedisOutbox } from './redis-outbox.js';

/** A backlog this old says that the warehouse is not keeping up. */
const DEGRADED_AFTER_SECONDS = 60;

/** State of warehouse and outbox, for metrics and health. */
@Injectable()
@HealthCheckNamed({ name: 'warehouse' })
export class WarehouseMetrics implements OnModuleInit, HealthCheckOf {
  constructor(
    private readonly outbox: RedisOutbox,
    @Inject(Warehouse) private readonly warehouse: Warehouse,
    @InjectMetric('outbox_rows') private readonly rows: Gauge<'table'>,
    @InjectMetric('outbox_oldest_age_seconds') private readonly oldestAge: Gauge<'table'>,
  ) {}

  onModuleInit(): void {
    onScrape(this.rows, async () => {
      for (const [table, { rows }] of await this.outbox.backlogs()) this.rows.set({ table }, rows);
    });
    onScrape(this.oldestAge, async () => {
      for (const [table, { oldestAgeSeconds }] of await this.outbox.backlogs()) {
        this.oldestAge.set({ table }, oldestAgeSeconds);
      }
    });
  }

  async check(): Promise<HealthReport> {
    const backlogs = [...(await this.outbox.backlogs()).values()];
    const outboxRows = backlogs.reduce((sum, { rows }) => sum + rows, 0);
    const oldestAgeSeconds = Math.max(...backlogs.map((backlog) => backlog.oldestAgeSeconds));
    await this.warehouse.ping();
    const status = oldestAgeSeconds > DEGRADED_AFTER_SECONDS ? 'degraded' : 'up';
    return {
      status,
      details: {
        warehouse: this.warehouse.description,
        outboxRows,
        outboxOldestAgeSeconds: oldestAgeSeconds,
      },
    };
  }
}
