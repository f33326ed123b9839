import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Gauge } from 'prom-client';
import { AppConfig } from '../config/app-config.js';
import {
  HealthCheckNamed,
  type HealthCheckOf,
  type HealthReport,
} from '../contracts/ports/health-check.port.js';
import { type CircuitState, Warehouse } from '../contracts/ports/warehouse.port.js';
import { onScrape } from '../metrics/on-scrape.js';
import { RedisOutbox } from './redis-outbox.js';

/** A backlog this old says that the warehouse is not keeping up. */
const DEGRADED_AFTER_SECONDS = 60;
/** Probes come often; a shared warehouse is asked at most so often for them. */
const PING_VALID_MS = 5_000;

const CIRCUIT_VALUES: Record<CircuitState, number> = { closed: 0, 'half-open': 1, open: 2 };

/** State of warehouse and outbox, for metrics and health. */
@Injectable()
@HealthCheckNamed({ name: 'warehouse' })
export class WarehouseMetrics implements OnModuleInit, HealthCheckOf {
  private answeredAt = 0;

  constructor(
    private readonly outbox: RedisOutbox,
    private readonly config: AppConfig,
    @Inject(Warehouse) private readonly warehouse: Warehouse,
    @InjectMetric('outbox_rows') private readonly rows: Gauge<'table'>,
    @InjectMetric('outbox_bytes') private readonly bytes: Gauge<'table'>,
    @InjectMetric('outbox_oldest_age_seconds') private readonly oldestAge: Gauge<'table'>,
    @InjectMetric('circuit_state') private readonly circuit: Gauge<'dependency'>,
  ) {}

  onModuleInit(): void {
    onScrape(this.rows, async () => {
      for (const [table, { rows }] of await this.outbox.backlogs()) this.rows.set({ table }, rows);
    });
    onScrape(this.bytes, async () => {
      for (const [table, { bytes }] of await this.outbox.backlogs()) this.bytes.set({ table }, bytes);
    });
    onScrape(this.oldestAge, async () => {
      for (const [table, { oldestAgeSeconds }] of await this.outbox.backlogs()) {
        this.oldestAge.set({ table }, oldestAgeSeconds);
      }
    });
    this.warehouse.watchCircuit((state) => {
      this.circuit.set({ dependency: 'warehouse' }, CIRCUIT_VALUES[state]);
    });
  }

  async check(): Promise<HealthReport> {
    const backlogs = [...(await this.outbox.backlogs()).values()];
    const outboxRows = backlogs.reduce((sum, { rows }) => sum + rows, 0);
    const outboxOldestAgeSeconds = Math.max(...backlogs.map((backlog) => backlog.oldestAgeSeconds));
    const isLate = outboxOldestAgeSeconds > DEGRADED_AFTER_SECONDS + this.config.WAREHOUSE_FLUSH_SECONDS;
    const reason = await this.whyNotAnswering();
    const { circuit, problem } = this.warehouse.status;
    return {
      status: reason !== undefined ? 'down' : isLate ? 'degraded' : 'up',
      details: {
        warehouse: this.warehouse.description,
        circuit,
        outboxRows,
        outboxOldestAgeSeconds,
        ...(reason !== undefined && { reason }),
        ...(problem !== undefined && { problem: problem.code, problemSince: problem.since }),
      },
    };
  }

  private async whyNotAnswering(): Promise<string | undefined> {
    const { circuit, problem } = this.warehouse.status;
    if (circuit === 'open') return problem?.message ?? 'it failed several times in a row';
    if (Date.now() - this.answeredAt < PING_VALID_MS) return undefined;
    try {
      await this.warehouse.ping();
      this.answeredAt = Date.now();
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  }
}
