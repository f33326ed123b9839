import type { StageRecord } from '../contracts/ports/warehouse-reader.port.js';
import { timelineOf } from './event-timeline.entries.js';

function record(overrides: Partial<StageRecord>): StageRecord {
  return {
    stage: 'land',
    status: 'completed',
    attempt: 1,
    startedAt: '2026-03-04T14:30:00.000Z',
    endedAt: '2026-03-04T14:30:01.000Z',
    durationMs: 1000,
    error: null,
    workerId: 'host:1',
    details: null,
    ...overrides,
  };
}

const waitOf = (overrides: Partial<StageRecord>) => timelineOf([record(overrides)], 'gong')[0]?.wait;

describe('the timeline of an event', () => {
  it('is in the order of time, and of the stages within one millisecond', () => {
    const early = record({ stage: 'notify', endedAt: '2026-03-04T14:29:00.000Z' });
    const records = [
      record({ stage: 'store' }),
      record({ stage: 'enrich' }),
      early,
      record({ stage: 'land' }),
    ];
    expect(timelineOf(records, 'gong').map(({ stage }) => stage)).toEqual([
      'notify',
      'land',
      'enrich',
      'store',
    ]);
  });

  it('has a row once that was seen on its way and in the warehouse, however its time is written', () => {
    const arrived = record({ endedAt: '2026-03-04T15:30:01.000+01:00' });
    expect(timelineOf([record({}), arrived], 'gong')).toHaveLength(1);
    expect(
      timelineOf([record({}), record({ attempt: 2 }), record({ workerId: 'host:2' })], 'gong'),
    ).toHaveLength(3);
  });

  it('says what was waited for, as exactly as it is known', () => {
    const askAgainAt = '2026-03-04T14:32:00.000Z';
    const error = { code: 'GONG.RATE_LIMITED', message: 'no token within 5 s' };
    expect(waitOf({ status: 'completed', details: { askAgainAt } })).toBeNull();
    expect(waitOf({ status: 'waiting', details: { askAgainAt }, error })).toBe(
      `waiting for gong until ${askAgainAt}`,
    );
    expect(waitOf({ status: 'waiting', error })).toBe(
      'waiting for gong: GONG.RATE_LIMITED no token within 5 s',
    );
    expect(waitOf({ status: 'waiting' })).toBe('waiting for gong');
  });
});
