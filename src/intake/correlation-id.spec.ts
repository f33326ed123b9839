import { correlationIdOf } from './correlation-id.js';

describe('correlationIdOf', () => {
  it('takes a harmless id', () => {
    expect(correlationIdOf({ 'x-correlation-id': 'order-42.retry_1' })).toBe('order-42.retry_1');
  });

  it.each([
    ['missing', undefined],
    ['too short', 'short'],
    ['too long', 'x'.repeat(65)],
    ['with a line break', 'harmless\nforged log line'],
    ['given twice', ['first-of-two', 'second-of-two']],
  ])('makes a new one when it is %s', (_what, given) => {
    expect(correlationIdOf({ 'x-correlation-id': given })).toMatch(/^[\da-f-]{36}$/);
  });
});
