import { startRedis, type TestRedis } from '../../support/redis-server.js';
import { queryWarehouse } from '../../support/warehouse-file.js';
import { waitFor } from '../../support/wait-for.js';
import { seedAccount } from './zoho-crm.factory.js';
import { ZohoHouse } from './zoho-house.js';

const STEPS = [
  'the cause is noted',
  'the account is read',
  'the snapshot is left',
  'the reading is kept',
  'memory is told',
  'the history is left',
  'the causes are done',
];

/** Each mostly waits: for the stalled job to be noticed. */
const LANES = 3;

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
    const house = await ZohoHouse.create({ redisUrl, environment: { DIE_AFTER: step } });
    const { zoho, service, redis } = house;
    try {
      const { accountId } = seedAccount(zoho);
      await service.start();
      house.watch();
      zoho.data.update('Accounts', accountId, { Account_Status: 'At Risk' });
      await service.ended();
      await service.start();
      const state = `{tributary}:account-sync:state:${accountId}`;
      await waitFor('the sync to end', async () => (await redis.hexists(state, 'syncedAtMs')) === 1, {
        timeoutMs: 60_000,
      });
      await house.idle();
      const document = await house.memory.document(accountId);
      const [causesLeft, deadLetters] = await Promise.all([house.causesLeft(), house.deadLetters()]);
      await service.terminate();
      const snapshots = await queryWarehouse(
        service.warehousePath,
        "SELECT json_extract_string(RECORD, '$.Account_Status') AS S FROM ZOHO_ACCOUNT_SNAPSHOTS",
      );
      const history = await queryWarehouse(
        service.warehousePath,
        "SELECT EVENT_ID FROM WEBHOOK_PROCESSING_HISTORY WHERE STAGE = 'remember' AND STATUS = 'completed'",
      );
      return {
        step,
        memory: /Account Status: (.+)/.exec(document?.text ?? '')?.[1],
        snapshots: snapshots.map(({ S }) => S),
        remembered: history.length,
        causesLeft,
        deadLetters,
      };
    } finally {
      await house.close();
    }
  }

  it('anywhere: its successor finishes, with one snapshot, one history and the last state in memory', async () => {
    const endings: Ending[] = [];
    const steps = [...STEPS.entries()];
    const lane = async () => {
      for (let next = steps.shift(); next !== undefined; next = steps.shift()) {
        endings[next[0]] = await dieAfter(next[1], next[0]);
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    const good = {
      memory: 'At Risk',
      snapshots: ['At Risk'],
      remembered: 1,
      causesLeft: 0,
      deadLetters: 0,
    };
    expect(endings).toEqual(STEPS.map((step) => ({ step, ...good })));
  }, 300_000);
});
