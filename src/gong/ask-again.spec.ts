import fc from 'fast-check';
import { askAgainAfterMs, meetingOthersMs } from './ask-again.js';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

describe('askAgainAfterMs', () => {
  it.each([
    [0, 0.5],
    [1, 1],
    [2, 2],
    [7, 64],
    [8, 128],
    [9, 240],
    [12, 240],
    [13, 224.5],
  ])('in round %i waits %d minutes', (round, minutes) => {
    expect(askAgainAfterMs(round)).toBe(minutes * MINUTE_MS);
  });

  it('ends after exactly 24 hours', () => {
    let totalMs = 0;
    let round = 0;
    for (let waitMs = askAgainAfterMs(0); waitMs !== null; waitMs = askAgainAfterMs(++round)) {
      totalMs += waitMs;
    }
    expect([round, totalMs]).toEqual([14, DAY_MS]);
    expect(askAgainAfterMs(1_000)).toBeNull();
  });
});

describe('meetingOthersMs', () => {
  it('never waits longer, nor less than three quarters, and not much less than long waits', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: DAY_MS }), fc.integer({ min: 0, max: 2e12 }), (waitMs, nowMs) => {
        const metMs = meetingOthersMs(waitMs, nowMs);
        expect(metMs).toBeLessThanOrEqual(waitMs);
        expect(metMs).toBeGreaterThanOrEqual(waitMs * 0.75);
        expect(waitMs - metMs).toBeLessThan(5 * MINUTE_MS);
      }),
    );
  });

  it('lets calls of the same five minutes meet', () => {
    const noon = Date.UTC(2026, 2, 4, 12);
    const due = [0, 61_000, 200_000, 299_000].map((late) => {
      const nowMs = noon + late;
      return nowMs + meetingOthersMs(60 * MINUTE_MS, nowMs);
    });
    expect(new Set(due).size).toBe(1);
  });
});
