import { AppError } from '../contracts/errors.js';
import type { VendorEvent } from '../contracts/event.js';
import { failureDraft } from './failure-draft.js';

const EVENT: VendorEvent = {
  schemaVersion: 1,
  eventId: 'event',
  changeId: 'call:1',
  vendor: 'gong',
  kind: 'call',
  objectId: '1',
  body: '{"hidden":true}',
  bodyEncoding: 'utf8',
  bodySha256: 'sha',
  headers: {},
  signingKeyId: 'key',
  correlationId: 'correlation',
  receivedAt: '2026-11-25T10:00:00.000Z',
};

describe('what agents hear of a dead letter', () => {
  it('says what failed, where and what to do', () => {
    const { channel, message } = failureDraft(
      EVENT,
      'enrich',
      new AppError('PAYLOAD.NOT_UNDERSTOOD', 'no call'),
    );
    expect(channel).toBe('gong:errors');
    expect(message.error).toEqual({ code: 'PAYLOAD.NOT_UNDERSTOOD', message: 'no call', stage: 'enrich' });
    expect(message.nextSteps[0]?.text).toContain('replay the dead letter');
  });

  it('never holds a payload, not even where an unforeseen error quotes one', () => {
    const error = new AppError('STAGE.FAILED', 'cannot read {"hidden":true}', 'backoff');
    expect(JSON.stringify(failureDraft(EVENT, 'analyse', error))).not.toContain('hidden');
  });
});
