import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import type { ReconciliationRun } from '../../../src/contracts/ports/reconciliation.port.js';
import type { Vendor } from '../../../src/contracts/vendor.js';
import { startRedis, type TestRedis } from '../../support/redis-server.js';
import { waitFor } from '../../support/wait-for.js';
import { type ProcessOptions, ReconcilingProcess, Surroundings } from './reconciling-process.js';

const EVERY_SECOND = '* * * * * *';
const ON_NEW_YEARS_DAY = '0 0 0 1 1 *';
const NEVER_NOW = { hourly: ON_NEW_YEARS_DAY, nightly: ON_NEW_YEARS_DAY, renewal: ON_NEW_YEARS_DAY };
const PREFIX = '{tributary}';

describe('the schedules of comparisons and channels', () => {
  let redis: TestRedis;
  let connection: Redis;
  let queue: Queue;
  let surroundings: Surroundings;
  let processes: ReconcilingProcess[] = [];

  beforeAll(async () => {
    redis = await startRedis();
    connection = new Redis(redis.url, { maxRetriesPerRequest: null });
    queue = new Queue('reconciliation', { connection, prefix: PREFIX });
  });
  afterAll(async () => {
    await queue.close();
    connection.disconnect();
    await redis.stop();
  });
  beforeEach(async () => {
    await connection.flushall();
    surroundings = new Surroundings();
  });
  afterEach(closeAll);

  async function closeAll(): Promise<void> {
    await Promise.all(processes.map((process) => process.close()));
    processes = [];
  }

  async function start(more: Partial<ProcessOptions> = {}): Promise<ReconcilingProcess> {
    const process = await ReconcilingProcess.start({ redisUrl: redis.url, surroundings, ...more });
    processes.push(process);
    return process;
  }

  async function runsOf(vendor: Vendor, mode = 'hourly'): Promise<readonly ReconciliationRun[]> {
    const { runs } = await (processes[0] as ReconcilingProcess).reconciliation.overview(100);
    return runs.filter((run) => run.vendor === vendor && run.mode === mode);
  }

  const patterns = async () =>
    Object.fromEntries((await queue.getJobSchedulers()).map(({ key, pattern }) => [key, pattern]));

  it('fire again and again, once for all processes however many there are', async () => {
    const times = { ...NEVER_NOW, hourly: EVERY_SECOND, renewal: EVERY_SECOND };
    await start({ times });
    await start({ times });
    const done = async () => (await runsOf('gong')).filter(({ status }) => status === 'done');
    await waitFor('three comparisons', async () => (await done()).length >= 3);
    await waitFor('three looks at the channels', () => surroundings.renewals.length >= 4);
    await closeAll();
    const seconds = [...surroundings.gong.asked].filter(({ list }) => list === 'first').length;
    await start({ environment: { RECONCILIATION_ENABLED: 'false' }, times: NEVER_NOW });
    const runs = await runsOf('gong');
    // Every run asked for its first list once: no process has run what another did.
    expect(seconds).toBe(runs.filter(({ quotaUsed }) => quotaUsed > 0).length);
    const ticks = runs.map(({ startedAt }) => startedAt.slice(0, 19));
    expect(new Set(ticks).size).toBe(ticks.length);
  });

  it('start no comparison while the one before is at work, and the next when it has ended', async () => {
    let release = () => undefined as void;
    surroundings.gong.holds = new Promise((resolve) => (release = resolve));
    const times = { ...NEVER_NOW, hourly: EVERY_SECOND };
    await start({ times });
    await start({ times });
    await waitFor('a comparison that lasts', () => surroundings.gong.asked.length > 0);
    // The other vendor's comparisons show that the seconds pass.
    await waitFor('further seconds', async () => (await runsOf('zoho')).length >= 4);
    expect(await runsOf('gong')).toMatchObject([{ status: 'running' }]);
    expect(surroundings.gong.asked).toHaveLength(1);
    release();
    await waitFor('the next comparison', async () => (await runsOf('gong')).length >= 2);
    const [next, first] = (await runsOf('gong')).slice(-2) as [ReconciliationRun, ReconciliationRun];
    expect(first.status).toBe('done');
    // It looks back as far as ever, and never less far than to where the one before ended.
    expect(next.since <= first.until).toBe(true);
  });

  it('are what this release says: what another has left behind is taken away, what has changed is replaced', async () => {
    await queue.upsertJobScheduler('gong-weekly', { pattern: ON_NEW_YEARS_DAY }, { name: 'start-run' });
    await queue.upsertJobScheduler(
      'zoho-hourly',
      { every: 3_600_000 },
      { name: 'start-run', data: { old: 1 } },
    );
    await start({ times: NEVER_NOW });
    const wanted = ['gong-hourly', 'gong-nightly', 'renew-channels', 'zoho-hourly', 'zoho-nightly'];
    expect(await patterns()).toEqual(Object.fromEntries(wanted.map((id) => [id, ON_NEW_YEARS_DAY])));
    const delayed = await queue.getDelayed();
    expect(delayed.map(({ id }) => id?.split(':')[1]).sort()).toEqual(wanted);
    const ids = new Set(delayed.map(({ id }) => id));
    await closeAll();

    await start({ times: NEVER_NOW });
    expect(new Set((await queue.getDelayed()).map(({ id }) => id))).toEqual(ids);
    await closeAll();

    await start({ environment: { RECONCILIATION_ENABLED: 'false' }, times: NEVER_NOW });
    expect(Object.keys(await patterns())).toEqual(['renew-channels']);
    expect(await queue.getDelayed()).toHaveLength(1);
  });

  it('make up at the next start for a time that passed while nobody ran', async () => {
    await start({ times: NEVER_NOW });
    await closeAll();
    const due = (await queue.getDelayed()).find(({ id }) => id?.startsWith('repeat:gong-nightly:'));
    await due?.changeDelay(0);
    await start({ times: NEVER_NOW });
    await waitFor(
      'the comparison of the night',
      async () => (await runsOf('gong', 'nightly'))[0]?.status === 'done',
    );
    const next = (await queue.getJobSchedulers()).find(({ key }) => key === 'gong-nightly')?.next ?? 0;
    expect(new Date(next).toISOString()).toMatch(/-01-01T00:00:00.000Z$/);
    expect(next).toBeGreaterThan(Date.now());
  });

  it('are written again where somebody has removed their next job', async () => {
    await start({ times: NEVER_NOW });
    await closeAll();
    for (const job of await queue.getDelayed()) await connection.zrem(queue.toKey('delayed'), job.id ?? '');
    await connection.del(...(await connection.keys(`${PREFIX}:reconciliation:repeat:*:1*`)));
    await start({ times: NEVER_NOW });
    expect(await queue.getDelayed()).toHaveLength(5);
  });

  it('look at the channels at a start, once for processes that start together', async () => {
    await queue.pause();
    await Promise.all([start({ times: NEVER_NOW }), start({ times: NEVER_NOW })]);
    expect((await queue.getWaiting()).map(({ name }) => name)).toEqual(['renew-channels']);
    await queue.resume();
    await waitFor('the look at the channels', () => surroundings.renewals.length === 1);
    await waitFor('an idle queue', async () => (await queue.getJobCountByTypes('wait', 'active')) === 0);
    expect(surroundings.renewals).toHaveLength(1);
  });

  it('take up a comparison whose job was lost, at the next start or the next time', async () => {
    const api = await start({ role: 'api' });
    const span = { since: new Date(Date.now() - 3_600_000).toISOString(), until: new Date().toISOString() };
    const { run } = await api.reconciliation.start('gong', span);
    expect(await queue.getJobCountByTypes('wait')).toBe(1);
    await queue.drain(true);
    expect(await api.reconciliation.find(run.id)).toMatchObject({ status: 'waiting' });
    await start({ times: NEVER_NOW });
    await waitFor('it to be done', async () => (await api.reconciliation.find(run.id))?.status === 'done');
  });
});
