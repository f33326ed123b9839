import { Redis } from 'ioredis';
import { BrokenRules } from '../support/broken-rules.js';
import { waitFor } from '../support/wait-for.js';

const CALLS = 200;

describe('kill -9 in the middle of a replay of dead letters', () => {
  it('loses and doubles nothing: the same replay after the next start does the rest', async () => {
    const rules = await BrokenRules.open();
    const redis = new Redis(rules.house.redis.url);
    const failed = () => redis.zcard('{tributary}:events:failed');
    try {
      await rules.break();
      await rules.failCalls(CALLS);
      await rules.mend();

      const cutOff = rules.replay().catch(() => 'cut off');
      await waitFor('a part to be replayed', async () => (await failed()) <= CALLS / 2, { intervalMs: 1 });
      await rules.house.service.kill9();
      expect(await cutOff).toBe('cut off');
      const left = await failed();
      expect(left).toBeGreaterThan(0);

      await rules.house.service.start();
      expect((await rules.replay()).body).toMatchObject({ matched: left, succeeded: left, failed: [] });
      const told = () => redis.xlen('{sophia}:gong:calls:log');
      await waitFor('all to be told', async () => (await told()) === CALLS, { timeoutMs: 60_000 });
      expect((await rules.desk.get('/audit?limit=2')).body.items).toMatchObject([
        {
          what: 'POST /admin/dead-letters/replay',
          result: 'done',
          note: `matched ${left}, replayed ${left}`,
        },
        { who: 'anna', what: 'POST /admin/dead-letters/replay', result: 'begun', note: null },
      ]);
      expect(await rules.rowsInTheEnd()).toEqual({
        GONG_WEBHOOKS_RAW: CALLS,
        GONG_CALLS_ENHANCED: CALLS,
        storedTwice: 0,
      });
      expect(await told()).toBe(CALLS);
    } finally {
      redis.disconnect();
      await rules.close();
    }
  }, 180_000);
});
