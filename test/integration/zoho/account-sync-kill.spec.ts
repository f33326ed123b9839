import { join, resolve } from 'node:path';
import { Redis } from 'ioredis';
import { ZohoApiSimulator } from '../../simulators/zoho/zoho-api.simulator.js';
import { startRedis, type TestRedis } from '../../support/redis-server.js';
import { ServiceProcess } from '../../support/service.js';
import { waitFor } from '../../support/wait-for.js';
import { queryWarehouse } from '../../support/warehouse-file.js';
import { RedisMemory } from './redis-memory.js';
import { seedAccount } from './zoho-crm.factory.js';

const CHANNEL = '1000000068001';
const TOKEN = 'sophia.accounts.3b1f0c9e7d5a4b2c8e6f1a0d9c8b7a65';
const SCRIPT = [
  '-r',
  resolve(__dirname, '../../../config/tooling/register-ts.cjs'),
  join(__dirname, 'mortal-service.ts'),
];
const LIMIT = { timeoutMs: 60_000 };

interface Ending {
  readonly step: string;
  readonly memory: string | undefined;
  readonly snapshots: readonly unknown[];
  /** Events whose history says that memory was told. */
  readonly remembered: number;
  readonly causesLeft: number;
  readonly deadLetters: number;
}

describe('a process killed in the middle of an account sync', () => {
  let server: TestRedis;
  beforeAll(async () => {
    server = await startRedis({ appendonly: true });
  });
  afterAll(() => server.stop());

  async function dieAfter(step: string, database: number): Promise<Ending> {
    const redisUrl = `${server.url}/${database}`;
    const redis = new Redis(redisUrl);
    const zoho = await ZohoApiSimulator.start();
    const environment = { REDIS_URL: redisUrl, ZOHO_CHANNEL_TOKENS: `${CHANNEL}:${TOKEN}`, DIE_AFTER: step };
    const service = await ServiceProcess.create({ ...environment, ...zoho.environment }, SCRIPT);
    try {
      const { accountId } = seedAccount(zoho);
      await service.start();
      zoho.watch({
        channel_id: CHANNEL,
        token: TOKEN,
        events: ['Accounts.all', 'Contacts.all', 'Deals.all'],
        notify_url: `${service.url}/webhooks/zoho`,
      });
      zoho.data.update('Accounts', accountId, { Account_Status: 'At Risk' });
      await service.ended();
      await service.start();
      await waitFor('the account to be synced', () => hasEnded(redis, accountId), LIMIT);
      const memory = await new RedisMemory(redis).document(accountId);
      const [causesLeft, deadLetters] = await Promise.all([
        redis.hlen(`{tributary}:account-sync:causes:${accountId}`),
        deadLettersIn(redis),
      ]);
      await service.terminate();
      const rows = (sql: string) => queryWarehouse(service.warehousePath, sql);
      const snapshots = await rows(
        "SELECT json_extract_string(RECORD, '$.Account_Status') AS S FROM ZOHO_ACCOUNT_SNAPSHOTS",
      );
      const history = await rows(
        "SELECT DISTINCT EVENT_ID FROM WEBHOOK_PROCESSING_HISTORY WHERE STAGE = 'remember' AND STATUS = 'completed'",
      );
      return {
        step,
        memory: /Account Status: (.+)/.exec(memory?.text ?? '')?.[1],
        snapshots: snapshots.map(({ S }) => S),
        remembered: history.length,
        causesLeft,
        deadLetters,
      };
    } finally {
      await service.dispose();
      await zoho.stop();
      redis.disconnect();
    }
  }

  it('anywhere: its successor finishes, with one snapshot, one history and the last state in memory', async () => {
    const steps = [
      'the cause is noted',
      'the account is read',
      'the snapshot is left',
      'the reading is kept',
      'memory is told',
      'the history is left',
      'the causes are done',
    ];
    const endings = await Promise.all(steps.map((step, index) => dieAfter(step, index)));
    expect(endings).toEqual(
      steps.map((step) => ({
        step,
        memory: 'At Risk',
        snapshots: ['At Risk'],
        remembered: 1,
        causesLeft: 0,
        deadLetters: 0,
      })),
    );
  }, 180_000);
});

/** Whether the sync has ended well and no job of any queue is left. */
async function hasEnded(redis: Redis, accountId: string): Promise<boolean> {
  const isSynced = (await redis.hexists(`{tributary}:account-sync:state:${accountId}`, 'syncedAtMs')) === 1;
  const left = await Promise.all(
    ['events', 'account-sync'].flatMap((queue) => [
      redis.llen(`{tributary}:${queue}:wait`),
      redis.llen(`{tributary}:${queue}:active`),
      redis.zcard(`{tributary}:${queue}:delayed`),
    ]),
  );
  return isSynced && left.every((count) => count === 0);
}

async function deadLettersIn(redis: Redis): Promise<number> {
  const counts = await Promise.all(
    ['events', 'account-sync'].map((queue) => redis.zcard(`{tributary}:${queue}:failed`)),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}
