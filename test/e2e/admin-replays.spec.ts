import { Redis } from 'ioredis';
import { AdminDesk, DESK_TOKENS, READER_TOKEN } from '../support/admin-desk.js';
import { answerBody, GongHouse } from '../support/gong-house.js';
import { waitFor } from '../support/wait-for.js';
import { queryWarehouse, rowCounts } from '../support/warehouse-file.js';

const CALLS = 120;
const LONG_AGO = '2020-01-01T00:00:00.000Z';
const TABLES = ['GONG_WEBHOOKS_RAW', 'GONG_CALLS_ENHANCED'];

describe('an operator who has the archive run again', () => {
  let house: GongHouse;
  let desk: AdminDesk;
  let redis: Redis;

  beforeAll(async () => {
    house = await GongHouse.open(DESK_TOKENS);
    desk = new AdminDesk(house.service.url);
    redis = new Redis(house.redis.url);
    for (let seed = 1; seed <= CALLS; seed += 1) await house.postCall({ seed });
    const answer = await house.post(JSON.stringify({ callData: { odd: 1 } }));
    expect(answerBody(answer).eventIds).toHaveLength(1);
    await waitFor(
      'all raw rows to be loaded',
      async () => (await house.metric('warehouse_rows_total{table="GONG_WEBHOOKS_RAW"}')) === CALLS + 1,
    );
  }, 120_000);
  afterAll(async () => {
    redis.disconnect();
    await house.close();
  });

  const order = (more: object = {}) => ({
    vendor: 'gong',
    since: LONG_AGO,
    until: new Date().toISOString(),
    ...more,
  });
  const told = () => redis.xlen('{sophia}:gong:calls:log');

  async function done(id: string): Promise<Record<string, unknown>> {
    return waitFor(
      'the replay to be done',
      async () => {
        const { body } = await desk.get(`/replays/${id}`);
        return body.status === 'done' && body;
      },
      { timeoutMs: 60_000 },
    );
  }

  it('needs an admin token', async () => {
    for (const [method, path] of [
      ['POST', '/replays'],
      ['GET', '/replays'],
      ['GET', '/replays/r1'],
      ['DELETE', '/replays/r1'],
    ] as const) {
      expect(await desk.ask(method, path, undefined, '')).toMatchObject({ status: 401 });
      expect(await desk.ask(method, path, undefined, READER_TOKEN)).toMatchObject({ status: 403 });
    }
  });

  it('sees it queue all events, with what failed again, and tells nobody twice', async () => {
    const before = await told();
    const started = await desk.ask('POST', '/replays', order());
    expect(started.status).toBe(202);
    const id = String(started.body.id);
    expect(await done(id)).toMatchObject({
      id,
      by: 'anna',
      vendor: 'gong',
      from: 'enrich',
      notify: false,
      queued: CALLS + 1,
      erased: 0,
      open: 0,
      failed: 1,
    });
    expect(await told()).toBe(before);
    const list = await desk.get('/replays');
    expect(list.body.items).toMatchObject([{ id }]);
    const dead = await desk.get('/dead-letters');
    expect(dead.body.items).toHaveLength(2);
  }, 120_000);

  it('has agents told again where it is asked for', async () => {
    const before = await told();
    const started = await desk.ask('POST', '/replays', order({ kind: 'call', notify: true }));
    await done(String(started.body.id));
    expect(await told()).toBe(before + CALLS);
  }, 120_000);

  it('loses and doubles nothing when the service is killed in the middle', async () => {
    const started = await desk.ask('POST', '/replays', order({ from: 'land' }));
    const id = String(started.body.id);
    await waitFor('the first page', async () => Number((await desk.get(`/replays/${id}`)).body.queued) > 0, {
      intervalMs: 5,
    });
    await house.service.kill9();
    await house.service.start();
    expect(await done(id)).toMatchObject({ queued: CALLS + 1, open: 0, failed: 1 });
  }, 120_000);

  it('can stop it', async () => {
    await desk.ask('POST', '/queues/events/pause');
    const started = await desk.ask('POST', '/replays', order());
    const id = String(started.body.id);
    expect(await desk.ask('DELETE', `/replays/${id}`)).toMatchObject({ status: 200 });
    await desk.ask('POST', '/queues/events/resume');
    await waitFor('it to end', async () => {
      const { body } = await desk.get(`/replays/${id}`);
      return (body.status === 'cancelled' || body.status === 'done') && body.open === 0;
    });
    const { body } = await desk.get('/audit?limit=4');
    expect(body.items).toMatchObject([
      { what: 'POST /admin/queues/events/resume' },
      { what: `DELETE /admin/replays/${id}`, result: 'done' },
      { what: 'POST /admin/replays', result: 'done' },
      { what: 'POST /admin/queues/events/pause' },
    ]);
  }, 60_000);

  it('is refused what makes no sense', async () => {
    const until = new Date().toISOString();
    for (const body of [
      {},
      order({ vendor: 'odd' }),
      order({ from: 'notify' }),
      order({ since: 'yesterday' }),
      order({ since: until, until: LONG_AGO }),
      order({ notify: 'yes' }),
    ]) {
      expect((await desk.ask('POST', '/replays', body)).status).toBe(400);
    }
    expect((await desk.get('/replays/nothing')).status).toBe(404);
    expect((await desk.ask('DELETE', '/replays/nothing')).status).toBe(404);
  });

  it('finds every row once in the end, the enhanced ones of the last replay', async () => {
    expect(await house.service.terminate()).toBe(0);
    const path = house.service.warehousePath;
    expect(await rowCounts(path, TABLES)).toEqual({
      GONG_WEBHOOKS_RAW: CALLS + 1,
      GONG_CALLS_ENHANCED: CALLS,
    });
    const rows = await queryWarehouse(
      path,
      'SELECT count(*)::INTEGER AS n FROM GONG_CALLS_ENHANCED WHERE REVISION > 1000000000000',
    );
    expect(rows).toEqual([{ n: CALLS }]);
  });
});
