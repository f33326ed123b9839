import { Redis } from 'ioredis';
import { CogneeSimulator } from '../simulators/cognee/cognee-simulator.js';
import { AccountHouse } from '../support/account-house.js';
import { waitFor } from '../support/wait-for.js';

/** How long Cognee is away; with FAULT_OUTAGE_SECONDS=600 ten minutes. */
const OUTAGE_MS = Number(process.env.FAULT_OUTAGE_SECONDS ?? '6') * 1000;
const PATIENCE = { timeoutMs: 90_000 };
/** More than the requests after which the circuit opens (5), and than the attempts of a job (3). */
const ACCOUNTS = 8;
const DATASET = 'zoho_crm_accounts';

describe('Cognee away, and the service killed (-9) meanwhile', () => {
  let cognee: CogneeSimulator;
  let house: AccountHouse;
  let redis: Redis;
  beforeAll(async () => {
    cognee = await CogneeSimulator.start();
    house = await AccountHouse.open({
      MEMORY: 'cognee',
      COGNEE_API_URL: cognee.url,
      COGNEE_API_KEY: cognee.newApiKey(),
    });
    redis = new Redis(house.gong.redis.url);
  });
  afterAll(async () => {
    redis.disconnect();
    await house.close();
    await cognee.stop();
  });

  const failedJobs = async () => {
    const counts = ['events', 'account-sync'].map((queue) => redis.zcard(`{tributary}:${queue}:failed`));
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
  };
  const readsOf = (id: string) =>
    house.zoho.apiRequests.filter(({ path }) =>
      path.includes(`/Accounts/${id}/Activities_Chronological_View_History`),
    ).length;

  it(
    'loses nothing, reads no account again for it, makes no dead letter, and recovers alone',
    async () => {
      cognee.isDown = true;
      const ids = Array.from({ length: ACCOUNTS }, (_item, index) =>
        house.addAccount({ name: `Waiting ${index}` }),
      );
      await house.zoho.notified();
      const snapshots = 'warehouse_rows_total{table="ZOHO_ACCOUNT_SNAPSHOTS"}';
      await waitFor(
        'the snapshots, which need no memory',
        async () => (await house.gong.metric(snapshots)) === ACCOUNTS,
      );
      await waitFor(
        'the circuit to open',
        async () => (await house.gong.metric('circuit_state{dependency="memory"}')) === 2,
        PATIENCE,
      );
      const answer = await house.account(ids[0] ?? '');
      expect(answer).toMatchObject({
        sync: { state: 'waiting', waitingEvents: 1, lastFailure: { code: 'MEMORY.UNAVAILABLE' } },
        memory: { isRemembered: false },
      });
      await house.gong.service.kill9();
      await house.gong.service.start();
      const until = Date.now() + OUTAGE_MS;
      await waitFor('the outage to have lasted', () => Date.now() >= until, {
        timeoutMs: OUTAGE_MS + 10_000,
      });
      expect(await failedJobs()).toBe(0);
      const [changed = ''] = ids;
      house.zoho.data.update('Accounts', changed, { Account_Status: 'Changed while it was away' });
      await house.zoho.notified();
      cognee.isDown = false;
      await house.synced(ids, ({ memory }) => memory.isRemembered);
      const isRight = async () => {
        const { body } = await house.desk.get('/recall?q=changed while it was away&limit=1');
        return body.items?.[0]?.accountId === changed;
      };
      await waitFor('what changed meanwhile to be recalled', isRight, PATIENCE);
      expect(new Set(cognee.documents(DATASET).map(({ text }) => text.split('\n')[0])).size).toBe(ACCOUNTS);
      expect(await failedJobs()).toBe(0);
      expect(ids.slice(1).map(readsOf)).toEqual(Array(ACCOUNTS - 1).fill(1));
    },
    OUTAGE_MS + 300_000,
  );
});
