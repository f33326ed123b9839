import { Redis } from 'ioredis';
import { AppError } from '../../../src/contracts/errors.js';
import type { ListedChange, ReconciliationRun } from '../../../src/contracts/ports/reconciliation.port.js';
import { startRedis, type TestRedis } from '../../support/redis-server.js';
import { waitFor } from '../../support/wait-for.js';
import { PAGE_ROWS, type ProcessOptions, ReconcilingProcess, Surroundings } from './reconciling-process.js';

const NEVER = { hourly: '0 0 0 1 1 *', nightly: '0 0 0 1 1 *', renewal: '0 0 0 1 1 *' };

const change = (id: number): ListedChange => ({
  changeId: `call:${id}`,
  aliases: [`meeting:${id}`],
  kind: 'call',
  objectId: String(id),
  body: { id },
});

describe('a comparison', () => {
  let redis: TestRedis;
  let connection: Redis;
  let surroundings: Surroundings;
  let processes: ReconcilingProcess[] = [];

  beforeAll(async () => {
    redis = await startRedis();
    connection = new Redis(redis.url);
  });
  afterAll(async () => {
    connection.disconnect();
    await redis.stop();
  });
  beforeEach(async () => {
    await connection.flushall();
    surroundings = new Surroundings();
  });
  afterEach(async () => {
    await Promise.all(processes.map((process) => process.close()));
    processes = [];
  });

  async function open(more: Partial<ProcessOptions> = {}): Promise<ReconcilingProcess> {
    const process = await ReconcilingProcess.start({
      redisUrl: redis.url,
      surroundings,
      times: NEVER,
      ...more,
    });
    processes.push(process);
    return process;
  }

  async function begin({ reconciliation }: ReconcilingProcess, hours = 1): Promise<string> {
    const spanMs = hours * 3_600_000;
    const [since, until] = [Date.now() - spanMs, Date.now()].map((time) => new Date(time).toISOString());
    return (await reconciliation.start('gong', { since: since ?? '', until: until ?? '' })).run.id;
  }

  const ended = ({ reconciliation }: ReconcilingProcess, id: string): Promise<ReconciliationRun> =>
    waitFor('the end', async () => {
      const run = await reconciliation.find(id);
      return run?.status === 'done' && run;
    });

  const admittedIds = () => surroundings.admitted.map(({ objectId }) => Number(objectId));

  it('names and enters exactly what is not known, under either name, and finds nothing the second time', async () => {
    const process = await open();
    surroundings.gong.changes = Array.from({ length: 8 }, (_, id) => change(id));
    await process.seen.mark('gong', ['call:1', 'meeting:4']);
    const first = await ended(process, await begin(process));
    const missed = [0, 2, 3, 5, 6, 7];
    expect(admittedIds()).toEqual(missed);
    expect(first).toMatchObject({ seen: 8, missed: 6, repaired: 6, slicesDone: 2, quotaUsed: 4 });
    expect([...first.missedIds].sort()).toEqual(missed.map((id) => `call:${id}`));
    const second = await ended(process, await begin(process));
    expect(second).toMatchObject({ seen: 8, missed: 0, repaired: 0, missedIds: [] });
    expect(admittedIds()).toHaveLength(6);
    const { vendors } = await process.reconciliation.overview(10);
    expect(vendors).toMatchObject([{ vendor: 'gong', missedThisWeek: 6 }, { missedThisWeek: 0 }]);
  });

  it('enters history from before anybody listened, and counts none of it as missed webhooks', async () => {
    const process = await open();
    surroundings.gong.changes = [change(1), change(2)];
    const hours = surroundings.gong.lookBackHours.nightly + 1;
    const run = await ended(process, await begin(process, hours));
    expect(run).toMatchObject({ mode: 'backfill', repaired: 2 });
    const { vendors } = await process.reconciliation.overview(10);
    expect(vendors[0]).toMatchObject({ missedThisWeek: 0 });
  });

  it('asks the vendor nothing while there is no room, and goes on when there is', async () => {
    const process = await open();
    surroundings.gong.changes = Array.from({ length: PAGE_ROWS + 1 }, (_, id) => change(id));
    surroundings.isFull = new AppError('INTAKE.QUEUE_FULL', 'full', { afterMs: 20 });
    const id = await begin(process);
    const waiting = await waitFor('it to wait for room', async () => {
      const run = await process.reconciliation.find(id);
      return (run?.reason ?? '').startsWith('INTAKE.QUEUE_FULL') && run;
    });
    expect(waiting).toMatchObject({ status: 'running', seen: PAGE_ROWS, missed: 0 });
    await waitFor('further tries', () => surroundings.asksForRoom > 5);
    expect(surroundings.gong.asked).toHaveLength(1);
    surroundings.isFull = null;
    expect(await ended(process, id)).toMatchObject({ missed: PAGE_ROWS + 1, reason: null });
    expect(surroundings.gong.asked).toHaveLength(3);
  });

  it('does not name as missed what a webhook brought while it waited for room', async () => {
    const process = await open();
    surroundings.gong.changes = [change(1), change(2)];
    surroundings.isFull = new AppError('INTAKE.QUEUE_FULL', 'full', { afterMs: 20 });
    const id = await begin(process);
    await waitFor('the list', () => surroundings.gong.asked.length === 1);
    await process.seen.mark('gong', ['call:2']);
    surroundings.isFull = null;
    expect(await ended(process, id)).toMatchObject({ seen: 2, missed: 1, missedIds: ['call:1'] });
    expect(admittedIds()).toEqual([1]);
  });

  it.each(['before', 'after'] as const)(
    'that dies %s its events are queued repeats only that step: the events are the same, nothing is counted twice',
    async (moment) => {
      const process = await open();
      surroundings.gong.changes = Array.from({ length: 5 }, (_, id) => change(id));
      surroundings.dies = moment;
      const run = await ended(process, await begin(process));
      expect(run).toMatchObject({ seen: 5, missed: 5, repaired: 5, quotaUsed: 3 });
      const repeated = moment === 'after' ? PAGE_ROWS : 0;
      expect(surroundings.admitted).toHaveLength(5 + repeated);
      expect(new Set(surroundings.admitted.map(({ eventId }) => eventId)).size).toBe(5);
      const { vendors } = await process.reconciliation.overview(10);
      expect(vendors[0]).toMatchObject({ missedThisWeek: 5 });
    },
  );

  it('stands still while paused, keeps what it had found, and forgets it when cancelled', async () => {
    const process = await open();
    surroundings.gong.changes = [change(1)];
    surroundings.isFull = new AppError('INTAKE.QUEUE_FULL', 'full', { afterMs: 20 });
    const id = await begin(process);
    await waitFor('the list', () => surroundings.gong.asked.length === 1);
    expect(await process.reconciliation.command(id, 'pause')).toMatchObject({ status: 'paused' });
    // Until then: a page in hand may still be queued.
    await waitFor(
      'its job to end',
      async () => (await connection.keys('{tributary}:reconciliation:de:*')).length === 0,
    );
    surroundings.isFull = null;
    expect(admittedIds()).toEqual([]);
    expect(await process.reconciliation.command(id, 'resume')).toMatchObject({ status: 'waiting' });
    expect(await ended(process, id)).toMatchObject({ missed: 1, repaired: 1 });

    surroundings.gong.changes = [change(2)];
    surroundings.isFull = new AppError('INTAKE.QUEUE_FULL', 'full', { afterMs: 20 });
    const other = await begin(process);
    await waitFor('the list', () => surroundings.gong.asked.length === 3);
    expect(await process.reconciliation.command(other, 'cancel')).toMatchObject({ status: 'cancelled' });
    surroundings.isFull = null;
    expect(await process.reconciliation.command(other, 'resume')).toMatchObject({ status: 'cancelled' });
    await waitFor('no keys', async () => (await connection.keys('*:pending')).length === 0);
    expect(admittedIds()).toEqual([1]);
  });
});
