import { AppError, toAppError } from './errors.js';

describe('toAppError', () => {
  it('keeps an error of ours with its policy', () => {
    const error = new AppError('PAYLOAD.NOT_JSON', 'no JSON');
    expect(toAppError(error)).toBe(error);
  });

  it.each([[new TypeError('odd')], ['odd']])('retries what nobody foresaw', (thrown) => {
    expect(toAppError(thrown)).toMatchObject({ code: 'STAGE.FAILED', message: 'odd', retry: 'backoff' });
  });
});
