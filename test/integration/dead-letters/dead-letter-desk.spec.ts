import { DiscoveryModule } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { Queue, UnrecoverableError, Worker } from 'bullmq';
import type { VendorEvent } from '../../../src/contracts/event.js';
import { ENRICHMENT_QUEUE, EVENTS_QUEUE } from '../../../src/contracts/jobs.js';
import { DeadLetterDesk } from '../../../src/dead-letters/dead-letter-desk.js';
import { EnrichmentDeadLetters } from '../../../src/dead-letters/enrichment.dead-letters.js';
import { EventsDeadLetters } from '../../../src/dead-letters/events.dead-letters.js';
import { queueHandle } from '../../../src/redis/inject-queue.js';
import { startRedis, type TestRedis } from '../../support/redis-server.js';
import { waitFor } from '../../support/wait-for.js';

const event = (place: number, more: Partial<VendorEvent> = {}): VendorEvent => ({
  schemaVersion: 1,
  eventId: `event-${place}`,
  changeId: null,
  vendor: 'gong',
  kind: 'call',
  objectId: `8123456789012345${place}`,
  body: JSON.stringify({ place }),
  bodyEncoding: 'utf8',
  bodySha256: 'hash',
  headers: {},
  signingKeyId: 'key',
  correlationId: `correlation-${place}`,
  receivedAt: '2026-11-24T12:00:00.000Z',
  ...more,
});

describe('DeadLetterDesk', () => {
  let redis: TestRedis;
  let queues: Record<'events' | 'enrichment', Queue<VendorEvent>>;
  let desk: DeadLetterDesk;
  let isMended = false;
  const workers: Worker[] = [];
  const done: string[] = [];

  beforeAll(async () => {
    redis = await startRedis();
    const connection = { url: redis.url, maxRetriesPerRequest: null };
    queues = {
      events: new Queue(EVENTS_QUEUE, { connection }),
      enrichment: new Queue(ENRICHMENT_QUEUE, { connection }),
    };
    const work = async ({ data }: { data: VendorEvent }) => {
      if (!isMended) throw new UnrecoverableError('PAYLOAD.NOT_UNDERSTOOD [enrich]: names no call');
      done.push(data.eventId);
    };
    for (const queue of Object.values(queues)) workers.push(new Worker(queue.name, work, { connection }));
    const module = await Test.createTestingModule({
      imports: [DiscoveryModule],
      providers: [
        EventsDeadLetters,
        EnrichmentDeadLetters,
        DeadLetterDesk,
        { provide: queueHandle(EVENTS_QUEUE), useValue: queues.events },
        { provide: queueHandle(ENRICHMENT_QUEUE), useValue: queues.enrichment },
      ],
    }).compile();
    await module.init();
    desk = module.get(DeadLetterDesk);

    for (let place = 0; place < 6; place += 1) {
      const queue = place % 2 === 0 ? queues.events : queues.enrichment;
      const more = place === 5 ? ({ vendor: 'zoho', kind: 'record' } as const) : {};
      await queue.add('process-event', event(place, more), { jobId: `job-${place}` });
      await waitFor('the job to fail', async () => (await queue.getJob(`job-${place}`))?.isFailed());
    }
  });
  afterAll(async () => {
    await Promise.all(workers.map((worker) => worker.close()));
    await Promise.all(Object.values(queues).map((queue) => queue.close()));
    await redis.stop();
  });

  it('shows those of all queues, the newest first, page by page', async () => {
    const first = await desk.page({}, 4);
    expect(first.items.map(({ id }) => id)).toEqual([
      'enrichment.job-5',
      'events.job-4',
      'enrichment.job-3',
      'events.job-2',
    ]);
    const second = await desk.page({}, 4, first.nextCursor ?? '');
    expect(second).toMatchObject({
      items: [{ id: 'enrichment.job-1' }, { id: 'events.job-0' }],
      nextCursor: null,
    });
    await expect(desk.page({}, 4, 'odd')).rejects.toThrow(RangeError);
  });

  it('filters by vendor, kind, code, source and time', async () => {
    const ids = async (filter: Parameters<DeadLetterDesk['page']>[0]) =>
      (await desk.page(filter, 10)).items.map(({ id }) => id);
    expect(await ids({ vendor: 'zoho' })).toEqual(['enrichment.job-5']);
    expect(await ids({ kind: 'record', code: 'PAYLOAD.NOT_UNDERSTOOD' })).toEqual(['enrichment.job-5']);
    expect(await ids({ code: 'STAGE.FAILED' })).toEqual([]);
    expect(await ids({ source: 'events' })).toHaveLength(3);
    const [{ failedAt } = { failedAt: '' }] = (await desk.page({ source: 'events' }, 1)).items;
    expect(await ids({ source: 'events', since: failedAt })).toEqual(['events.job-4']);
    expect(await ids({ source: 'events', until: failedAt })).toEqual(['events.job-2', 'events.job-0']);
  });

  it('shows one whole: payload, error, stage, attempts', async () => {
    expect(await desk.find('events.job-2')).toEqual({
      id: 'events.job-2',
      source: 'events',
      code: 'PAYLOAD.NOT_UNDERSTOOD',
      stage: 'enrich',
      message: 'names no call',
      vendor: 'gong',
      kind: 'call',
      eventId: 'event-2',
      entityId: '81234567890123452',
      correlationId: 'correlation-2',
      attempts: 1,
      failedAt: expect.stringMatching(/^\d{4}-/) as string,
      replayOf: null,
      payload: { place: 2 },
    });
    expect(await desk.find('events.nobody')).toBeUndefined();
    expect(await desk.find('elsewhere.job-2')).toBeUndefined();
  });

  it('counts in a dry run, and changes nothing', async () => {
    expect(await desk.replayAll({ vendor: 'gong' }, 3, true, 'anna')).toEqual({
      matched: 3,
      hasMore: true,
      attempted: 0,
      succeeded: 0,
      failed: [],
    });
    expect((await desk.page({}, 10)).items).toHaveLength(6);
  });

  it('a replay that fails again is a dead letter that says what it was', async () => {
    expect(await desk.replay('events.job-0', 'anna')).toBe(true);
    await waitFor('the job to fail again', async () => (await desk.find('events.job-0'))?.replayOf);
    expect(await desk.find('events.job-0')).toMatchObject({ replayOf: 'events.job-0', attempts: 1 });
  });

  it('a replayed event stays part of the replay from the archive in which it failed', async () => {
    const part = { of: 'event-9', by: 'bert', at: '2026-11-24T12:00:00.000Z', id: 'replay-1', notify: true };
    await queues.events.add('process-event', event(9, { replay: part }), { jobId: 'job-9' });
    await waitFor('the job to fail', async () => (await queues.events.getJob('job-9'))?.isFailed());
    await desk.replay('events.job-9', 'anna');
    const replayed = async () => (await queues.events.getJob('job-9'))?.data.replay;
    expect(await replayed()).toMatchObject({ of: 'events.job-9', by: 'anna', id: 'replay-1', notify: true });
    await waitFor('it to fail again', async () => desk.find('events.job-9'));
    expect(await desk.discard('events.job-9')).toBe(true);
  });

  it('replays what matches, once; what is gone is reported, not lost', async () => {
    isMended = true;
    const report = await desk.replayAll({ vendor: 'gong' }, 10, false, 'anna');
    expect(report).toMatchObject({ matched: 5, hasMore: false, attempted: 5, succeeded: 5, failed: [] });
    await waitFor('all to be done', () => done.length >= 5);
    expect([...done].sort()).toEqual(['event-0', 'event-1', 'event-2', 'event-3', 'event-4']);
    expect(await desk.replay('events.job-0', 'anna')).toBe(false);
    expect((await desk.page({}, 10)).items.map(({ id }) => id)).toEqual(['enrichment.job-5']);
  });

  it('discards for good', async () => {
    expect(await desk.discard('enrichment.job-5')).toBe(true);
    expect(await desk.discard('enrichment.job-5')).toBe(false);
    expect((await desk.page({}, 10)).items).toEqual([]);
  });
});
