import { answerBody } from '../support/gong-house.js';
import { PLACE, snowflakeEnvironment } from '../support/snowflake-account.js';
import { ServiceProcess } from '../support/service.js';
import { SnowflakeHouse } from '../support/snowflake-house.js';
import { waitFor } from '../support/wait-for.js';

const PATIENCE_MS = 60_000;
const TABLES = ['GONG_WEBHOOKS_RAW', 'GONG_CALLS_ENHANCED', 'WEBHOOK_PROCESSING_HISTORY'];

describe('ROLE=api and two ROLE=worker with Snowflake', () => {
  let snowflake: SnowflakeHouse;
  const workers: ServiceProcess[] = [];

  beforeAll(async () => {
    snowflake = await SnowflakeHouse.create({ ROLE: 'api' });
    await snowflake.house.service.start();
  }, PATIENCE_MS);
  afterAll(async () => {
    await Promise.all(workers.map((worker) => worker.dispose()));
    await snowflake.close();
  }, PATIENCE_MS);

  const rowsOf = async (table: string) => {
    const [row] = await snowflake.emulator.peek(PLACE, `SELECT COUNT(*)::INTEGER AS N FROM ${table}`);
    return row?.N;
  };

  it(
    'the front door alone writes nothing, and the workers load each table one at a time',
    async () => {
      const { house, emulator } = snowflake;
      const post = async (seed: number) => answerBody(await house.postCall({ seed, trackers: [] })).status;
      expect(await post(9000)).toBe('accepted');
      await waitFor('something to have waited for longer than a flush', async () => {
        const ages = await Promise.all([
          house.metric('outbox_oldest_age_seconds{table="GONG_WEBHOOKS_RAW"}'),
          house.metric('queue_oldest_age_seconds{queue="events"}'),
        ]);
        return Math.max(...ages) > 2.5;
      });
      expect(emulator.statements.filter((sql) => sql.startsWith('MERGE INTO GONG'))).toEqual([]);
      for (let index = 0; index < 2; index += 1) {
        const worker = await ServiceProcess.create({
          ...snowflakeEnvironment(emulator),
          REDIS_URL: house.redis.url,
          ROLE: 'worker',
          WAREHOUSE_FLUSH_SECONDS: '1',
        });
        workers.push(worker);
        await worker.start();
        expect((await fetch(`${worker.url}/admin/queues`)).status).toBe(404);
      }
      // A slow table makes two loaders meet, if there were two.
      emulator.faults.slow(/query-request MERGE INTO/, 300, 20);
      await Promise.all(Array.from({ length: 60 }, (_item, index) => post(9001 + index)));
      await waitFor('the rows', async () => (await rowsOf('GONG_CALLS_ENHANCED')) === 61, {
        timeoutMs: PATIENCE_MS,
      });
      expect(await rowsOf('GONG_WEBHOOKS_RAW')).toBe(61);
      for (const table of TABLES) expect([table, emulator.mostAtOnce(PLACE, table)]).toEqual([table, 1]);
      for (const worker of workers) expect(await worker.terminate()).toBe(0);
    },
    4 * PATIENCE_MS,
  );
});
