import type { LiveEvent } from '../contracts/ports/live-events.port.js';
import { nextSteps, type Situation } from './event-next-step.js';
import type { TimelineEntry } from './event-timeline.entries.js';

const EVENT_ID = 'a'.repeat(64);

function job(overrides: Partial<LiveEvent>): LiveEvent {
  return {
    eventId: EVENT_ID,
    vendor: 'gong',
    kind: 'call',
    objectId: '7782342274025937895',
    correlationId: 'correlation',
    receivedAt: '2026-03-04T14:30:00.000Z',
    state: 'queued',
    queue: 'events',
    attempts: 0,
    dueAt: null,
    deadLetterId: null,
    failure: null,
    ...overrides,
  };
}

function entry(overrides: Partial<TimelineEntry>): TimelineEntry {
  return {
    stage: 'enrich',
    status: 'completed',
    attempt: 1,
    startedAt: '2026-03-04T14:30:00.000Z',
    endedAt: '2026-03-04T14:30:01.000Z',
    durationMs: 1000,
    error: null,
    workerId: null,
    details: null,
    wait: null,
    ...overrides,
  };
}

function said(situation: Partial<Situation>): string {
  const empty = {
    eventId: EVENT_ID,
    jobs: [],
    rowsOnTheirWay: {},
    refusedRows: [],
    timeline: [],
    pausedQueues: [],
    isWarehouseRead: true,
  };
  return nextSteps({ ...empty, status: 'processed', ...situation }).join(' ');
}

describe('what an operator should do about an event', () => {
  it('that has failed: mend the cause that is named, and replay its dead letter', () => {
    const failure = { code: 'PAYLOAD.NOT_UNDERSTOOD', stage: 'enrich', message: 'no call' };
    const failed = job({ state: 'failed', deadLetterId: 'events:7', failure });
    expect(said({ status: 'failed', jobs: [job({}), failed] })).toBe(
      'It failed with PAYLOAD.NOT_UNDERSTOOD at stage enrich: mend the cause, then POST /admin/dead-letters/events:7/replay.',
    );
    const stageless = { ...failure, code: 'JOB.UNKNOWN', stage: null };
    expect(said({ status: 'failed', jobs: [job({ state: 'failed', failure: stageless })] })).toMatch(
      /^It failed with JOB.UNKNOWN: mend/,
    );
  });

  it('that waits: nothing, with the time and the reason where they are known', () => {
    const waiting = job({ state: 'waiting', dueAt: '2026-03-04T14:32:00.000Z' });
    const timeline = [entry({}), entry({ status: 'waiting', wait: 'waiting for gong' })];
    expect(said({ status: 'waiting', jobs: [waiting], timeline })).toBe(
      'Nothing to do: it goes on by itself at 2026-03-04T14:32:00.000Z (waiting for gong).',
    );
    expect(said({ status: 'waiting' })).toBe('Nothing to do: it goes on by itself at its time.');
  });

  it('that is queued: resume its queue if that is paused, and only then', () => {
    const jobs = [job({ queue: 'enrichment' })];
    expect(said({ status: 'queued', jobs, pausedQueues: ['enrichment'] })).toContain(
      'POST /admin/queues/enrichment/resume',
    );
    expect(said({ status: 'queued', jobs, pausedQueues: ['events'] })).toContain('waits for a free worker');
  });

  it('that a worker has: ask again', () => {
    expect(said({ status: 'processing' })).toContain('ask again in some seconds');
  });

  it('whose work is done: see to the row that was refused before those that wait', () => {
    const refusedRows = [{ id: '1-0', table: 'GONG_CALLS_ENHANCED', code: 'WAREHOUSE.ROW_REFUSED' }] as const;
    const rowsOnTheirWay = { GONG_WEBHOOKS_RAW: 1, WEBHOOK_PROCESSING_HISTORY: 6 };
    expect(said({ refusedRows, rowsOnTheirWay })).toContain(
      'refused its row for GONG_CALLS_ENHANCED (WAREHOUSE.ROW_REFUSED)',
    );
    expect(said({ rowsOnTheirWay })).toContain(
      'rows for GONG_WEBHOOKS_RAW, WEBHOOK_PROCESSING_HISTORY wait for the warehouse',
    );
  });

  it('that has no job left: replay it from the archive if its last stage failed, else nothing', () => {
    const failed = entry({ status: 'failed' });
    expect(said({ timeline: [entry({}), failed] })).toContain('POST /admin/replays');
    expect(said({ timeline: [failed, entry({})] })).toBe('Nothing to do: it is processed.');
  });

  it('that waits in a paused queue: resume it first, with the reason that the stage gave', () => {
    const jobs = [job({ state: 'waiting', queue: 'enrichment' })];
    const timeline = [entry({ wait: 'waiting for gong', details: { reason: 'no transcript yet' } })];
    expect(said({ status: 'waiting', jobs, timeline, pausedQueues: ['enrichment'] })).toBe(
      'Its queue is paused: POST /admin/queues/enrichment/resume lets it go on. Then it goes on by itself at its time (waiting for gong: no transcript yet).',
    );
  });

  it('that has failed without a word: replay it all the same', () => {
    expect(said({ status: 'failed', jobs: [job({ state: 'failed', deadLetterId: 'events.7' })] })).toBe(
      'It failed with OTHER: mend the cause, then POST /admin/dead-letters/events.7/replay.',
    );
  });

  it('while the warehouse does not answer: ask again, and never say that all is there', () => {
    expect(said({ isWarehouseRead: false })).toContain('is not known: see GET /health, and ask again');
    const rowsOnTheirWay = { GONG_WEBHOOKS_RAW: 1 };
    expect(said({ isWarehouseRead: false, rowsOnTheirWay })).toContain('nothing is lost');
  });

  it('whose task was not written into the CRM: replay the task, and not the event', () => {
    const error = { code: 'ZOHO.TASK_REFUSED', message: 'no' };
    const taskSaid = (last: Partial<TimelineEntry>) =>
      said({ timeline: [entry({}), entry({ stage: 'assign', status: 'failed', ...last })] });
    expect(taskSaid({ error })).toContain('(ZOHO.TASK_REFUSED): mend the cause, then replay it among');
    expect(taskSaid({})).toContain('(no code): mend the cause');
  });

  it('that was processed without what its vendor could add: say so', () => {
    const timeline = [entry({ details: { reason: 'no credentials of Gong' } }), entry({ stage: 'publish' })];
    expect(said({ timeline })).toBe(
      "Nothing to do: it is processed, without what its vendor's API would add: no credentials of Gong.",
    );
  });
});
