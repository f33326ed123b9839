import { GongHouse } from '../support/gong-house.js';

describe('GET /webhooks/health and /webhooks/metrics', () => {
  it('count what came, and keep the counts over a restart', async () => {
    const house = await GongHouse.open({ WEBHOOK_MAX_QUEUE_SIZE: '500' });
    const json = async (path: string) =>
      (await (await fetch(`${house.service.url}${path}`)).json()) as Record<string, unknown>;
    try {
      await house.postCall({ seed: 81 });
      await house.postCall({ seed: 81 });
      await house.postCall({ seed: 82, isTest: true });
      await house.post('{}', 'forged');
      expect(await house.service.terminate()).toBe(0);
      await house.service.start();
      await house.postCall({ seed: 83 });
      expect(await json('/webhooks/metrics')).toEqual({
        total_events: 5,
        verified_events: 4,
        rejected_events: 1,
        duplicated_events: 1,
        queued_events: 2,
        failed_events: 0,
        acceptance_rate: 80,
        deduplication_rate: 25,
        current_queue_size: expect.any(Number) as number,
        vendors: { gong: { accepted: 2, duplicate: 1, ignored: 1, rejected: 1 }, zoho: {} },
        modules: { call: 3 },
      });
      expect(await json('/webhooks/health')).toEqual({
        status: 'healthy',
        redis_connected: true,
        queue_size: expect.any(Number) as number,
        queue_capacity: 500,
        queue_utilization: expect.any(Number) as number,
        timestamp: expect.stringMatching(/Z$/) as string,
      });
    } finally {
      await house.close();
    }
  });
});
