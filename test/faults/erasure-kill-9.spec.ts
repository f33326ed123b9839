import { Redis } from 'ioredis';
import { gongTracker } from '../factories/gong-call.factory.js';
import { AccountHouse, externalParty } from '../support/account-house.js';
import { redisContents } from '../support/redis-contents.js';
import { waitFor } from '../support/wait-for.js';
import { queryWarehouse } from '../support/warehouse-file.js';

const LIMIT = { timeoutMs: 60_000 };
const CALLS_EACH = 25;
const STAYS = 'stays@corp.example';
/** What a process has come to when it is killed: nothing yet, or this field of the record is there. */
const MOMENTS = [
  '',
  'count:queues:jobs',
  'count:warehouse:GONG_WEBHOOKS_RAW',
  'count:notifications:messages',
  'count:accounts:signals',
];
const leaver = (index: number) => `leaver-${index}@corp.example`;
const PEOPLE = [STAYS, ...MOMENTS.map((_moment, index) => leaver(index))];

describe('an erasure whose process is killed (-9)', () => {
  let house: AccountHouse;
  let redis: Redis;

  beforeAll(async () => {
    house = await AccountHouse.open();
    redis = new Redis(house.gong.redis.url);
    const corp = house.addAccount({
      name: 'Corp',
      contacts: PEOPLE.map((email) => ({ name: `Name of ${email}`, email })),
    });
    await house.zoho.notified();
    await house.remembered([corp]);
    for (const [index, email] of PEOPLE.entries()) {
      for (let call = 0; call < CALLS_EACH; call += 1) {
        await house.postCall({
          metaData: { id: String(8_300_000_000 + index * 1_000 + call) },
          parties: [externalParty('Somebody', email)],
          trackers: [gongTracker('Churn risk', { 'not renew': 1 })],
        });
      }
    }
    await house.synced([corp], ({ memory }) => memory.text.includes('## Conversations'));
  }, 180_000);
  afterAll(async () => {
    redis.disconnect();
    await house.close();
  });

  const textOfRedis = async () => JSON.stringify([...(await redisContents(redis))]).toLowerCase();

  /** @returns whether it was killed before its end. */
  async function killedAt(moment: string, email: string): Promise<boolean> {
    const { body } = await house.desk.ask('POST', '/erasures', { email });
    const id = String(body.id);
    const record = `{tributary}:erasure-state:of:${id}`;
    await waitFor('the moment', async () => moment === '' || (await redis.hexists(record, moment)) === 1, {
      intervalMs: 1,
    });
    await house.gong.service.kill9();
    const wasOpen = (await redis.hget(record, 'status')) !== 'done';
    await house.gong.service.start();
    await waitFor(
      'its successor to end it',
      async () => (await redis.hget(record, 'status')) === 'done',
      LIMIT,
    );
    return wasOpen;
  }

  it('is ended by its successor, wherever that was, and leaves nothing of the person and all of the others', async () => {
    const wereOpen: boolean[] = [];
    for (const [index, moment] of MOMENTS.entries()) {
      wereOpen.push(await killedAt(moment, leaver(index)));
      const text = await textOfRedis();
      expect([index, text.includes(leaver(index)), text.includes(STAYS)]).toEqual([index, false, true]);
    }
    expect(wereOpen.filter(Boolean).length).toBeGreaterThanOrEqual(3);
    expect(await house.gong.service.terminate()).toBe(0);
    const path = house.gong.service.warehousePath;
    const left = await queryWarehouse(
      path,
      `SELECT count(*) FILTER (contains(BODY, 'leaver-'))::INTEGER AS leavers,
         count(*) FILTER (contains(BODY, '${STAYS}'))::INTEGER AS others, count(*)::INTEGER AS rows FROM GONG_WEBHOOKS_RAW`,
    );
    expect(left).toEqual([{ leavers: 0, others: CALLS_EACH, rows: PEOPLE.length * CALLS_EACH }]);
    const calls = await queryWarehouse(
      path,
      `SELECT count(*) FILTER (PARTIES IS NOT NULL)::INTEGER AS others, count(*)::INTEGER AS rows FROM GONG_CALLS_ENHANCED`,
    );
    expect(calls).toEqual([{ others: CALLS_EACH, rows: PEOPLE.length * CALLS_EACH }]);
    const contacts = await queryWarehouse(
      path,
      `SELECT DISTINCT json_extract_string(CONTACTS, '$[*].Email') AS EMAILS FROM ZOHO_ACCOUNT_SNAPSHOTS`,
    );
    expect(contacts).toEqual([{ EMAILS: [STAYS] }]);
  }, 300_000);
});
