import { Redis } from 'ioredis';
import { gongCall } from '../factories/gong-call.factory.js';
import { answerBody, GongHouse } from '../support/gong-house.js';
import { startRedis } from '../support/redis-server.js';
import { waitFor } from '../support/wait-for.js';
import { queryWarehouse } from '../support/warehouse-file.js';

/** The front door may make a vendor wait no longer than this, whatever Redis does. Room for a busy machine. */
const REFUSED_WITHIN_MS = 4_000;

async function rawIds(house: GongHouse): Promise<unknown[]> {
  const rows = await queryWarehouse(
    house.service.warehousePath,
    'SELECT EVENT_ID FROM GONG_WEBHOOKS_RAW ORDER BY 1',
  );
  return rows.map(({ EVENT_ID }) => EVENT_ID);
}

describe('Redis in trouble', () => {
  let house: GongHouse;
  let admin: Redis;
  const acknowledged = new Set<string>();
  let seed = 7000;

  beforeAll(async () => {
    house = await GongHouse.open();
    admin = new Redis(house.redis.url, { maxRetriesPerRequest: null });
  });
  afterAll(async () => {
    admin.disconnect();
    await house.close();
  });

  async function accepted(): Promise<void> {
    await waitFor('a webhook to be accepted', async () => {
      const answer = await house.postCall({ seed: (seed += 1) });
      if (answer.status === 200) acknowledged.add(answerBody(answer).eventIds[0] ?? '');
      return answer.status === 200;
    });
  }

  async function refused(): Promise<void> {
    const answer = await house.postCall({ seed: (seed += 1) });
    expect(answer).toMatchObject({ status: 503, body: { code: 'INTAKE.UNAVAILABLE' } });
    expect(answer.milliseconds).toBeLessThan(REFUSED_WITHIN_MS);
  }

  it('frozen (SIGSTOP): 503, and webhooks are taken again when it goes on', async () => {
    await accepted();
    process.kill(house.redis.pid, 'SIGSTOP');
    try {
      await refused();
    } finally {
      process.kill(house.redis.pid, 'SIGCONT');
    }
    await accepted();
  });

  it('out of memory: 503, and webhooks are taken again when there is room', async () => {
    await admin.config('SET', 'maxmemory', '1');
    await refused();
    await admin.config('SET', 'maxmemory', '0');
    await accepted();
  });

  it('read-only, as after a fail-over: 503, and webhooks are taken again when it is the primary', async () => {
    const primary = await startRedis();
    await admin.replicaof('127.0.0.1', primary.port);
    try {
      await refused();
    } finally {
      await admin.replicaof('NO', 'ONE');
      await primary.stop();
    }
    // Becoming a replica emptied it: what follows must work all the same, and this folder's rows are kept.
    await accepted();
  });

  it('has lost nothing that was acknowledged and could still be read', async () => {
    // An event whose stage failed in between comes again after its pause: only then are its rows in the outbox.
    await waitFor('the events to be done and their rows to be written', async () => {
      const names = ['waiting', 'active', 'delayed'].map(
        (state) => `queue_depth{queue="events",state="${state}"}`,
      );
      const left = [...names, 'outbox_rows{table="GONG_WEBHOOKS_RAW"}'].map((name) => house.metric(name));
      return (await Promise.all(left)).every((count) => count === 0);
    });
    expect(await house.service.terminate()).toBe(0);
    const ids = await rawIds(house);
    expect(new Set(ids).size).toBe(ids.length);
    expect([...acknowledged].filter((id) => !ids.includes(id))).toEqual([]);
  });
});

describe('Redis killed (-9) three times under load', () => {
  it('has every acknowledged event in the raw table exactly once afterwards', async () => {
    const house = await GongHouse.open();
    const acknowledged = new Set<string>();
    let isOver = false;
    let seed = 9000;
    const sender = async () => {
      while (!isOver) {
        const answer = await house
          .post(JSON.stringify(gongCall({ seed: (seed += 1), trackers: [] })))
          .catch(() => undefined);
        if (answer?.status === 200) acknowledged.add(answerBody(answer).eventIds[0] ?? '');
      }
    };
    try {
      const sending = Array.from({ length: 8 }, sender);
      for (let round = 0; round < 3; round += 1) {
        const before = acknowledged.size;
        await waitFor('acknowledgements', () => acknowledged.size > before + 100);
        house.redis.kill9();
        await house.redis.restart();
      }
      const before = acknowledged.size;
      await waitFor('acknowledgements after the last restart', () => acknowledged.size > before + 50);
      isOver = true;
      await Promise.all(sending);
      await waitFor(
        'the backlog to be done',
        async () => {
          const states = ['waiting', 'active', 'delayed'].map((state) =>
            house.metric(`queue_depth{queue="events",state="${state}"}`),
          );
          return (await Promise.all(states)).every((depth) => depth === 0);
        },
        { timeoutMs: 60_000 },
      );
      expect(await house.service.terminate()).toBe(0);
      const ids = await rawIds(house);
      expect(ids.length).toBe(new Set(ids).size);
      expect([...acknowledged].filter((id) => !ids.includes(id))).toEqual([]);
    } finally {
      isOver = true;
      await house.close();
    }
  }, 150_000);
});
