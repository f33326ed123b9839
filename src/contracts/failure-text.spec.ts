import { failureFrom, failureText } from './failure-text.js';

describe('the text of a failure', () => {
  it('keeps code, stage and message', () => {
    const failure = { code: 'PAYLOAD.NOT_UNDERSTOOD', stage: 'enrich', message: 'two\nlines: both kept' };
    expect(failureFrom(failureText(failure))).toEqual(failure);
    const unstaged = { ...failure, stage: null };
    expect(failureFrom(failureText(unstaged))).toEqual(unstaged);
  });

  it('calls OTHER what nobody foresaw', () => {
    const message = 'job stalled more than allowable limit';
    expect(failureFrom(message)).toEqual({ code: 'OTHER', stage: null, message });
  });
});
