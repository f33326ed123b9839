import { isTooOld } from './task-age.js';

const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();

describe('the age of a conversation', () => {
  it('counts from when it was held, not from when we heard of it', () => {
    expect(isTooOld(daysAgo(15), daysAgo(0), 14)).toBe(true);
    expect(isTooOld(daysAgo(13), daysAgo(0), 14)).toBe(false);
  });

  it('counts from its reception where nobody says when it was', () => {
    expect(isTooOld(null, daysAgo(15), 14)).toBe(true);
    expect(isTooOld(null, daysAgo(13), 14)).toBe(false);
  });
});
