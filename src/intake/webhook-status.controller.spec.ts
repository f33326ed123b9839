import { loadConfig } from '../config/load-config.js';
import type { IntakeCapacity } from './intake-capacity.js';
import type { WebhookCounters } from './webhook-counters.js';
import { WebhookStatusController } from './webhook-status.controller.js';

function controller(depth: number | undefined, sums: Record<string, number> = {}): WebhookStatusController {
  const capacity = { currentDepth: () => Promise.resolve(depth) } as unknown as IntakeCapacity;
  const counters = {
    sums: () => Promise.resolve(new Map(Object.entries(sums))),
  } as unknown as WebhookCounters;
  return new WebhookStatusController(capacity, counters, loadConfig({ WEBHOOK_MAX_QUEUE_SIZE: '1000' }));
}

describe('the health of the front door', () => {
  it.each([
    [0, 'healthy', 0],
    [799, 'healthy', 79.9],
    [800, 'degraded', 80],
    [1_001, 'degraded', 100.1],
  ])('with %d events waiting is %s', async (depth, status, utilization) => {
    expect(await controller(depth).health()).toMatchObject({
      ...{ status, redis_connected: true, queue_size: depth, queue_capacity: 1_000 },
      queue_utilization: utilization,
    });
  });

  it('is bad where Redis does not say how many wait, and not an empty queue', async () => {
    expect(await controller(undefined).health()).toMatchObject({
      ...{ status: 'unhealthy', redis_connected: false, queue_size: 0, queue_utilization: 0 },
    });
  });
});

describe('the counts of the front door', () => {
  it('are nothing before the first webhook, and no rate is of nothing', async () => {
    expect(await controller(undefined).metrics()).toEqual({
      ...{ total_events: 0, verified_events: 0, rejected_events: 0, duplicated_events: 0 },
      ...{ queued_events: 0, failed_events: 0, acceptance_rate: 0, deduplication_rate: 0 },
      ...{ current_queue_size: 0, vendors: { gong: {}, zoho: {} }, modules: {} },
    });
  });

  it('are rates of what came and of what was verified, and counts by vendor and module', async () => {
    const outcomes = {
      'outcome:rejected': 1,
      'outcome:duplicate': 2,
      'outcome:accepted': 4,
      'outcome:failed': 0,
    };
    const parts = { 'vendor:gong:accepted': 3, 'vendor:zoho:accepted': 1, 'module:Deals': 1 };
    expect(await controller(5, { total: 7, verified: 6, ...outcomes, ...parts }).metrics()).toMatchObject({
      ...{ rejected_events: 1, duplicated_events: 2, queued_events: 4, current_queue_size: 5 },
      ...{ acceptance_rate: 85.71, deduplication_rate: 33.33 },
      ...{ vendors: { gong: { accepted: 3 }, zoho: { accepted: 1 } }, modules: { Deals: 1 } },
    });
  });
});
