import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { answerBody, GongHouse } from '../support/gong-house.js';
import { startRedis, type TestRedis } from '../support/redis-server.js';
import { TcpSwitch } from '../support/tcp-switch.js';
import { waitFor } from '../support/wait-for.js';
import { queryWarehouse } from '../support/warehouse-file.js';

const RECOVERS_MS = 60_000;

/** What happens to the primary; afterwards the address leads to the one that was its replica. */
const FAIL_OVERS: [string, (primary: Redis, replica: TestRedis, address: TcpSwitch) => Promise<void>][] = [
  [
    'is demoted and keeps its connections',
    async (primary, replica) => void (await primary.replicaof('127.0.0.1', replica.port)),
  ],
  ['vanishes without a word', async (_primary, _replica, address) => address.silence()],
];

const TABLES = ['GONG_WEBHOOKS_RAW', 'GONG_CALLS_ENHANCED', 'WEBHOOK_PROCESSING_HISTORY'];

/** Asked of Redis itself: while the service's connections are silent its metrics show nothing. */
async function unfinished(redis: Redis): Promise<number> {
  const look = redis.multi();
  // Rows that could not be written when the service ends stay in Redis for the next start.
  for (const table of TABLES) look.xlen(`{tributary}:outbox:${table}`);
  for (const queue of ['events', 'enrichment']) {
    look.llen(`{tributary}:${queue}:wait`).llen(`{tributary}:${queue}:active`);
    look.zcard(`{tributary}:${queue}:delayed`).zcard(`{tributary}:${queue}:prioritized`);
  }
  const answers = (await look.exec()) ?? [];
  return answers.reduce((sum, [, count]) => sum + Number(count), 0);
}

/** A service that reaches its Redis at an address which can be led elsewhere, and a replica that is in step. */
class FailOverHouse {
  readonly acknowledged: string[] = [];
  private seed = 4000;

  private constructor(
    readonly address: TcpSwitch,
    readonly house: GongHouse,
    readonly replica: TestRedis,
    /** Of the replica, so that the new primary has one too. */
    private readonly second: TestRedis,
    readonly primaryAdmin: Redis,
    readonly replicaAdmin: Redis,
  ) {}

  static async open(environment: Record<string, string>): Promise<FailOverHouse> {
    const address = await TcpSwitch.create();
    const house = await GongHouse.create({
      ...{ REDIS_URL: `redis://127.0.0.1:${address.port}`, WEBHOOK_ACK_REPLICAS: '1', ...environment },
    });
    const [replica, second] = [await startRedis({ appendonly: true }), await startRedis()];
    const admins = [new Redis(house.redis.url), new Redis(replica.url)] as const;
    const here = new FailOverHouse(address, house, replica, second, ...admins);
    address.leadTo(house.redis.port);
    await here.follow(replica, house.redis.port);
    await here.follow(second, replica.port);
    await house.service.start();
    return here;
  }

  /** Posts until one webhook is accepted; until then each is refused, and none half taken. */
  accepted(): Promise<unknown> {
    return waitFor(
      'a webhook to be accepted',
      async () => {
        const answer = await this.house.postCall({ seed: (this.seed += 1) });
        if (answer.status === 200) this.acknowledged.push(answerBody(answer).eventIds[0] ?? '');
        else expect(answer).toMatchObject({ status: 503, body: { code: 'INTAKE.UNAVAILABLE' } });
        return answer.status === 200;
      },
      { timeoutMs: RECOVERS_MS },
    );
  }

  /** The replica becomes a primary; who connects anew is led there. */
  async promote(): Promise<void> {
    await this.replicaAdmin.replicaof('NO', 'ONE');
    this.address.leadTo(this.replica.port);
  }

  async isFinished(): Promise<boolean> {
    return (await unfinished(this.replicaAdmin)) === 0;
  }

  /** Ends the service, which writes the rows that wait. @returns the ids in the raw table. */
  async storedAtTheEnd(): Promise<string[]> {
    expect(await this.house.service.terminate()).toBe(0);
    const rows = await queryWarehouse(
      this.house.service.warehousePath,
      'SELECT EVENT_ID FROM GONG_WEBHOOKS_RAW ORDER BY 1',
    );
    return rows.map(({ EVENT_ID }) => String(EVENT_ID));
  }

  async close(): Promise<void> {
    for (const admin of [this.primaryAdmin, this.replicaAdmin]) admin.disconnect();
    await this.house.close();
    await this.replica.stop();
    await this.second.stop();
    await this.address.close();
  }

  private async follow(follower: TestRedis, port: number): Promise<void> {
    const admin = new Redis(follower.url);
    await admin.replicaof('127.0.0.1', port);
    await waitFor('the replica to be in step', async () =>
      (await admin.info('replication')).includes('master_link_status:up'),
    );
    admin.disconnect();
  }
}

describe('a fail-over of Redis', () => {
  it.each(FAIL_OVERS)(
    'in which the primary %s: 503 until the new one is found, and nothing acknowledged is lost',
    async (_what, failOver) => {
      const here = await FailOverHouse.open({});
      try {
        for (let count = 0; count < 3; count += 1) await here.accepted();
        // At once: the events that were acknowledged are in hand.
        await here.promote();
        await failOver(here.primaryAdmin, here.replica, here.address);
        for (let count = 0; count < 2; count += 1) await here.accepted();
        await waitFor('the backlog to be done', () => here.isFinished(), { timeoutMs: RECOVERS_MS });
        const ids = await here.storedAtTheEnd();
        expect(ids.length).toBe(new Set(ids).size);
        expect(here.acknowledged.filter((id) => !ids.includes(id))).toEqual([]);
      } finally {
        await here.close();
      }
    },
    180_000,
  );

  it.each([
    ['waits for no replica', '0'],
    ['waits for a replica', '1'],
  ])(
    'in which two servers take writes, and the service %s: an event ends only where its rows are',
    async (_what, replicas) => {
      // The rows stay in the Redis that was given them until the service ends.
      const flush = { WAREHOUSE_FLUSH_SECONDS: '300', WEBHOOK_ACK_REPLICAS: replicas };
      const here = await FailOverHouse.open(flush);
      const queueOf = (connection: Redis) => new Queue('events', { connection, prefix: '{tributary}' });
      const [before, after] = [queueOf(here.primaryAdmin), queueOf(here.replicaAdmin)];
      before.on('error', () => undefined);
      try {
        await before.pause();
        await here.accepted();
        await here.primaryAdmin.wait(1, 10_000);
        await here.promote();
        await loseWorkers(here.primaryAdmin, here.replicaAdmin);
        await after.resume();
        const isDone = async () => (await eventsOf(here.replicaAdmin)) === 0;
        await waitFor('the event to be done', isDone, { timeoutMs: RECOVERS_MS });
        here.house.redis.kill9();
        expect(await here.storedAtTheEnd()).toEqual(here.acknowledged);
      } finally {
        await Promise.all([before.close(), after.close()]);
        await here.close();
      }
    },
    180_000,
  );
});

/** Closes the connections of the service through which it takes and ends jobs; the others stay with the old primary. */
async function loseWorkers(old: Redis, now: Redis): Promise<void> {
  const others = /name=(tributary:(client|producers|writer))? /;
  const clients = (await clientsOf(old)).filter((line) => line.includes('name=') && !others.test(line));
  expect(clients.length).toBeGreaterThan(0);
  for (const line of clients) await old.client('KILL', 'ID', Number(/id=(\d+)/.exec(line)?.[1]));
  await waitFor('the workers to find the new primary', async () =>
    (await clientsOf(now)).some((line) => line.includes('name=tributary:workers')),
  );
}

async function clientsOf(redis: Redis): Promise<string[]> {
  return String(await redis.client('LIST', 'TYPE', 'NORMAL')).split('\n');
}

/** How many events wait or are in hand. */
async function eventsOf(redis: Redis): Promise<number> {
  const lists = ['wait', 'active', 'paused'].map((list) => redis.llen(`{tributary}:events:${list}`));
  const sets = ['delayed', 'prioritized'].map((set) => redis.zcard(`{tributary}:events:${set}`));
  return (await Promise.all([...lists, ...sets])).reduce((sum, count) => sum + count, 0);
}
