import { Redis } from 'ioredis';
import { BrokenRules } from '../support/broken-rules.js';
import { waitFor } from '../support/wait-for.js';

const CALLS = 200;

describe('an operator whose rule file broke 200 calls', () => {
  let rules: BrokenRules;
  let redis: Redis;

  beforeAll(async () => {
    rules = await BrokenRules.open();
    redis = new Redis(rules.house.redis.url);
  });
  afterAll(async () => {
    redis.disconnect();
    await rules.close();
  });

  it('mends it and replays by filter: 200 rows, nothing twice, and the audit log has it', async () => {
    const { desk } = rules;
    await rules.break();
    const ids = await rules.failCalls(CALLS);
    expect(new Set(ids).size).toBe(CALLS);
    const letters = await desk.get('/dead-letters?code=STAGE.FAILED&limit=1');
    expect(letters.body.items).toMatchObject([{ stage: 'analyse', vendor: 'gong', attempts: 1 }]);

    await rules.mend();
    expect(await rules.replay()).toMatchObject({
      status: 200,
      body: { matched: CALLS, hasMore: false, attempted: CALLS, succeeded: CALLS, failed: [] },
    });
    const told = () => redis.xlen('{sophia}:gong:calls:log');
    await waitFor('all to be told', async () => (await told()) === CALLS, { timeoutMs: 60_000 });
    expect((await rules.replay()).body).toMatchObject({ matched: 0, attempted: 0, succeeded: 0 });
    expect((await desk.get('/audit?limit=2')).body.items).toMatchObject([
      { who: 'anna', what: 'POST /admin/dead-letters/replay', result: 'done', note: 'matched 0, replayed 0' },
      { who: 'anna', result: 'done', note: `matched ${CALLS}, replayed ${CALLS}` },
    ]);

    expect(await rules.rowsInTheEnd()).toEqual({
      GONG_WEBHOOKS_RAW: CALLS,
      GONG_CALLS_ENHANCED: CALLS,
      storedTwice: 0,
    });
    expect(await told()).toBe(CALLS);
  }, 180_000);
});
