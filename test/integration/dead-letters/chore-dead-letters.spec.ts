import { DiscoveryModule } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { Queue, UnrecoverableError, Worker } from 'bullmq';
import { loadConfig } from '../../../src/config/load-config.js';
import { RECONCILIATION_QUEUE, REPLAYS_QUEUE } from '../../../src/contracts/jobs.js';
import { Replays } from '../../../src/contracts/ports/replays.port.js';
import { KEY_PREFIX } from '../../../src/contracts/queues.js';
import { DeadLetterDesk } from '../../../src/dead-letters/dead-letter-desk.js';
import { ReconciliationDeadLetters } from '../../../src/dead-letters/reconciliation.dead-letters.js';
import { ReplaysDeadLetters } from '../../../src/dead-letters/replays.dead-letters.js';
import { ReplayQueue } from '../../../src/pipeline/replay.queue.js';
import { ReplayState } from '../../../src/pipeline/replay.state.js';
import { ReconciliationQueue } from '../../../src/reconciliation/reconciliation.queue.js';
import { queueHandle } from '../../../src/redis/inject-queue.js';
import { RedisConnections } from '../../../src/redis/redis-connections.js';
import { startRedis, type TestRedis } from '../../support/redis-server.js';
import { waitFor } from '../../support/wait-for.js';

const ORDER = {
  vendor: 'gong',
  kind: null,
  since: '2026-01-01T00:00:00.000Z',
  until: '2026-02-01T00:00:00.000Z',
  from: 'enrich',
  notify: false,
  by: 'anna',
} as const;

describe('dead letters of replays and comparisons', () => {
  let redis: TestRedis;
  let connections: RedisConnections;
  let queues: Record<'replays' | 'reconciliation', Queue>;
  let replays: Replays;
  let comparisons: ReconciliationQueue;
  let desk: DeadLetterDesk;
  let isMended = false;
  const workers: Worker[] = [];

  beforeAll(async () => {
    redis = await startRedis();
    connections = new RedisConnections({ host: '127.0.0.1', port: redis.port });
    await connections.connect();
    const options = { connection: connections.workers, prefix: KEY_PREFIX };
    queues = {
      replays: new Queue(REPLAYS_QUEUE, options),
      reconciliation: new Queue(RECONCILIATION_QUEUE, options),
    };
    const config = loadConfig({ WEBHOOK_MAX_RETRIES: '1' });
    replays = new ReplayQueue(queues.replays, new ReplayState(connections.client), config);
    comparisons = new ReconciliationQueue(queues.reconciliation);
    const work = () =>
      isMended ? Promise.resolve() : Promise.reject(new UnrecoverableError('not foreseen'));
    for (const { name } of Object.values(queues)) workers.push(new Worker(name, work, options));
    const module = await Test.createTestingModule({
      imports: [DiscoveryModule],
      providers: [
        ReplaysDeadLetters,
        ReconciliationDeadLetters,
        DeadLetterDesk,
        { provide: Replays, useValue: replays },
        { provide: queueHandle(REPLAYS_QUEUE), useValue: queues.replays },
        { provide: queueHandle(RECONCILIATION_QUEUE), useValue: queues.reconciliation },
      ],
    }).compile();
    await module.init();
    desk = module.get(DeadLetterDesk);
  });
  afterAll(async () => {
    await Promise.all(workers.map((worker) => worker.close()));
    await Promise.all(Object.values(queues).map((queue) => queue.close()));
    await connections.close();
    await redis.stop();
  });

  const failed = (id: string) => waitFor('the job to fail', () => desk.find(id));

  it('are seen with what they were about, and run again when the cause is mended', async () => {
    const replayId = await replays.start(ORDER);
    await comparisons.goOn('run-1');
    expect(await failed(`replays.${replayId}`)).toMatchObject({
      source: 'replays',
      vendor: null,
      payload: { replayId },
    });
    expect((await replays.find(replayId))?.status).toBe('failed');
    const [comparison] = await waitFor('the comparison to fail', async () => {
      const { items } = await desk.page({ source: 'reconciliation' }, 10);
      return items.length === 1 && items;
    });
    expect(await desk.find(comparison?.id ?? '')).toMatchObject({ payload: { runId: 'run-1' } });
    isMended = true;
    expect(await desk.replayAll({}, 10, false, 'anna')).toMatchObject({ attempted: 2, succeeded: 2 });
    await waitFor('both to be gone', async () => (await desk.page({}, 10)).items.length === 0);
    isMended = false;
  });

  it('end a replay that is discarded, and say so', async () => {
    const replayId = await replays.start(ORDER);
    await failed(`replays.${replayId}`);
    expect(await desk.discard(`replays.${replayId}`)).toBe(true);
    expect((await replays.find(replayId))?.status).toBe('cancelled');
    expect(await desk.discard(`replays.${replayId}`)).toBe(false);
  });

  it('say of which vendor a scheduled comparison was', async () => {
    await queues.reconciliation.add(
      'start-run',
      { schemaVersion: 1, vendor: 'zoho', mode: 'hourly' },
      { jobId: 'hourly-1' },
    );
    expect(await failed('reconciliation.hourly-1')).toMatchObject({
      vendor: 'zoho',
      payload: { vendor: 'zoho', mode: 'hourly' },
    });
  });
});
