import { Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Gauge } from 'prom-client';
import {
  HealthCheckNamed,
  type HealthCheckOf,
  type HealthReport,
} from '../../contracts/ports/health-check.port.js';
import { onScrape } from '../../metrics/on-scrape.js';
import { GongBreaker } from './gong-breaker.js';
import { GongCallLog } from './gong-call-log.js';
import { GongCredentials } from './gong-credentials.js';
import { GongQuotaGate } from './gong-quota.gate.js';

/** How Gong's API is: the outcome of the last real request of any process. Asks nothing, because that costs quota. */
@Injectable()
@HealthCheckNamed({ name: 'gong' })
export class GongHealthCheck implements HealthCheckOf, OnModuleInit {
  constructor(
    private readonly credentials: GongCredentials,
    private readonly log: GongCallLog,
    private readonly gate: GongQuotaGate,
    private readonly breaker: GongBreaker,
    @InjectMetric('gong_daily_budget_remaining') private readonly budget: Gauge,
  ) {}

  onModuleInit(): void {
    onScrape(this.budget, async () => {
      this.budget.set((await this.gate.state()).budgetLeft);
    });
  }

  async check(): Promise<HealthReport> {
    if (!this.credentials.areConfigured) return { status: 'up', details: { api: 'not configured' } };
    const [lastCall, quota] = await Promise.all([this.log.last(), this.gate.state()]);
    const isWell = this.breaker.state === 'closed' && quota.pausedMs === 0 && (lastCall?.code ?? '') === '';
    return {
      status: isWell ? 'up' : 'degraded',
      details: {
        lastCall: lastCall === null ? null : { ...lastCall },
        circuit: this.breaker.state,
        budgetLeft: quota.budgetLeft,
        pausedSeconds: Math.ceil(quota.pausedMs / 1000),
      },
    };
  }
}
