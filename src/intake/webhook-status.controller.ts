import { Controller, Get } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { PublicRoute } from '../contracts/public-route.js';
import { VENDORS } from '../contracts/vendor.js';
import { IntakeCapacity } from './intake-capacity.js';
import { WebhookCounters, type WebhookOutcome } from './webhook-counters.js';
import type { WebhookHealth, WebhookMetrics } from './webhook-status.js';
import { Documented } from '../openapi/documented.decorator.js';
import { WEBHOOK_STATUS_API } from './webhook-status.openapi.js';

/** Beyond this share of the capacity somebody should look. */
const DEGRADED_PERCENT = 80;

/** `GET /webhooks/health` and `/webhooks/metrics`: the front door in numbers, as JSON. */
@Controller('webhooks')
@Documented(WEBHOOK_STATUS_API)
export class WebhookStatusController {
  constructor(
    private readonly capacity: IntakeCapacity,
    private readonly counters: WebhookCounters,
    private readonly config: AppConfig,
  ) {}

  @Get('health')
  @PublicRoute('load balancers and people look here; holds counts only')
  async health(): Promise<WebhookHealth> {
    const queueSize = await this.capacity.currentDepth();
    const capacity = this.config.WEBHOOK_MAX_QUEUE_SIZE;
    const utilization = percent(queueSize ?? 0, capacity);
    return {
      status:
        queueSize === undefined ? 'unhealthy' : utilization >= DEGRADED_PERCENT ? 'degraded' : 'healthy',
      redis_connected: queueSize !== undefined,
      queue_size: queueSize ?? 0,
      queue_capacity: capacity,
      queue_utilization: utilization,
      timestamp: new Date().toISOString(),
    };
  }

  @Get('metrics')
  @PublicRoute('scraped inside the cluster; holds counts only')
  async metrics(): Promise<WebhookMetrics> {
    const sums = await this.counters.sums();
    const of = (outcome: WebhookOutcome) => sums.get(`outcome:${outcome}`) ?? 0;
    const total = sums.get('total') ?? 0;
    const verified = sums.get('verified') ?? 0;
    return {
      total_events: total,
      verified_events: verified,
      rejected_events: of('rejected'),
      duplicated_events: of('duplicate'),
      queued_events: of('accepted'),
      failed_events: of('failed'),
      acceptance_rate: percent(verified, total),
      deduplication_rate: percent(of('duplicate'), verified),
      current_queue_size: (await this.capacity.currentDepth()) ?? 0,
      vendors: Object.fromEntries(VENDORS.map((vendor) => [vendor, withPrefix(sums, `vendor:${vendor}:`)])),
      modules: withPrefix(sums, 'module:'),
    };
  }
}

function withPrefix(sums: ReadonlyMap<string, number>, prefix: string): Record<string, number> {
  const fields = [...sums].filter(([field]) => field.startsWith(prefix));
  return Object.fromEntries(fields.map(([field, sum]) => [field.slice(prefix.length), sum]));
}

/** Percent with two decimals; 0 of nothing is 0. */
function percent(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((part / whole) * 10_000) / 100;
}
