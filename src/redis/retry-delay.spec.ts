import { retryDelayMs } from './retry-delay.js';

describe('retryDelayMs', () => {
  it.each([
    [1, 2_000],
    [2, 4_000],
    [4, 16_000],
    [5, 30_000],
    [50, 30_000],
  ])('waits at most the doubled base after attempt %i, under the ceiling', (attempts, fullMs) => {
    expect(retryDelayMs(attempts, 2, 30, () => 1)).toBe(fullMs);
    expect(retryDelayMs(attempts, 2, 30, () => 0)).toBe(fullMs / 2);
  });
});
