import { retryAfterMs } from './alert-http.js';

describe('Retry-After', () => {
  const now = Date.parse('2026-11-25T10:00:00Z');

  it.each([
    ['7', 7_000],
    ['0', 1_000],
    ['999999', 3_600_000],
    ['Wed, 25 Nov 2026 10:00:30 GMT', 30_000],
    ['Wed, 25 Nov 2026 09:00:00 GMT', 1_000],
    ['soon', undefined],
    [null, undefined],
  ])('%s is %s ms', (header, expected) => {
    expect(retryAfterMs(header, now)).toBe(expected);
  });
});
