import { answerBody, GongHouse } from '../support/gong-house.js';
import { waitFor } from '../support/wait-for.js';
import { queryWarehouse } from '../support/warehouse-file.js';

describe('Redis killed (-9) and restarted', () => {
  it('answers 503 while it is away, recovers without a restart, and loses nothing acknowledged', async () => {
    const house = await GongHouse.open();
    try {
      const before = await house.postCall({ seed: 51 });
      expect(before.status).toBe(200);
      house.redis.kill9();
      const away = await house.postCall({ seed: 52 });
      expect(away).toMatchObject({ status: 503, body: { code: 'INTAKE.UNAVAILABLE' } });
      expect((await fetch(`${house.service.url}/health/live`)).status).toBe(200);
      expect((await fetch(`${house.service.url}/health/ready`)).status).toBe(503);
      const health = await fetch(`${house.service.url}/webhooks/health`);
      expect(await health.json()).toMatchObject({ status: 'unhealthy', redis_connected: false });
      const metrics = await fetch(`${house.service.url}/webhooks/metrics`);
      expect(metrics.status).toBe(503);
      expect(Number(metrics.headers.get('retry-after'))).toBeGreaterThan(0);

      await house.redis.restart();
      const after = await waitFor('a webhook to be accepted again', async () => {
        const answer = await house.postCall({ seed: 53 });
        return answer.status === 200 && answer;
      });
      await waitFor(
        'both rows',
        async () => (await house.metric('warehouse_rows_total{table="GONG_WEBHOOKS_RAW"}')) === 2,
      );
      expect(await house.service.terminate()).toBe(0);
      const rows = await queryWarehouse(
        house.service.warehousePath,
        'SELECT EVENT_ID FROM GONG_WEBHOOKS_RAW',
      );
      expect(rows.map(({ EVENT_ID }) => EVENT_ID).sort()).toEqual(
        [before, after].flatMap((answer) => answerBody(answer).eventIds).sort(),
      );
    } finally {
      await house.close();
    }
  });
});
