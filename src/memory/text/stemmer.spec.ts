import { stemOf } from './stemmer.js';

describe('stemOf', () => {
  it.each([
    ['frustrated', 'frustrating', 'frustration', 'frustrates'],
    ['renew', 'renewal', 'renewing', 'renewed', 'renewals'],
    ['onboard', 'onboarding', 'onboarded'],
    ['price', 'prices', 'pricing', 'priced'],
    ['cancel', 'cancelled', 'cancels', 'cancellation'],
    ['implement', 'implementation', 'implementing'],
    ['happy', 'happier', 'happiness', 'happily'],
    ['escalate', 'escalation', 'escalated'],
  ])('gives one stem to %s and its other forms', (...words) => {
    expect(new Set(words.map(stemOf)).size).toBe(1);
  });

  it.each([
    ['user', 'us'],
    ['class', 'clas'],
    ['happy', 'unhappy'],
    ['seat', 'season'],
    ['2026s', '2026'],
  ])('keeps %s apart from %s', (one, other) => {
    expect(stemOf(one)).not.toBe(stemOf(other));
  });

  it('leaves short words and words of other scripts as they are', () => {
    for (const word of ['bug', 'is', 'メモ', 'über']) expect(stemOf(word)).toBe(word);
  });
});
