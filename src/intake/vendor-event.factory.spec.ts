import { hash } from 'node:crypto';
import fc from 'fast-check';
import { bodyBytes, bodySha256Of } from '../contracts/event.js';
import { toVendorEvent } from './vendor-event.factory.js';

const eventOf = (body: Buffer, headers: Record<string, string> = {}, storedBody?: Buffer) =>
  toVendorEvent({
    vendor: 'gong',
    kind: 'call',
    body,
    sender: { signingKeyId: 'k', bodySha256: 'hash', deliveryFingerprint: 'd', replayableForSeconds: 1 },
    request: { id: 'correlation', headers },
    incoming: { identity: 'gong-call-1-hash', changeId: 'call:1', objectId: '1', storedBody },
  });

describe('toVendorEvent', () => {
  it('gives back any bytes exactly, after a way through JSON', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const body = Buffer.from(bytes);
        const event = JSON.parse(JSON.stringify(eventOf(body))) as ReturnType<typeof eventOf>;
        expect(bodyBytes(event).equals(body)).toBe(true);
        expect(bodySha256Of(event)).toBe(hash('sha256', body));
      }),
    );
  });

  it('carries the hash of what was received where it stores something else', () => {
    const event = eventOf(Buffer.from('{"token":"secret"}'), {}, Buffer.from('{"token":"[redacted]"}'));
    expect(event.body).toBe('{"token":"[redacted]"}');
    expect(bodySha256Of(event)).toBe('hash');
  });

  it('keeps the spelling of numbers', () => {
    expect(eventOf(Buffer.from('{ "amount":0.0 }')).body).toBe('{ "amount":0.0 }');
  });

  it('stores that there was a token, and never the token', () => {
    const { headers } = eventOf(Buffer.from('{}'), {
      authorization: 'eyJ.secret.sig',
      'x-traceid': 't-1',
      cookie: 'c',
    });
    expect(headers).toEqual({ authorization: '[redacted]', 'x-traceid': 't-1' });
  });
});
