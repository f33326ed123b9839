import type { VendorEvent } from '../../../src/contracts/event.js';
import { RECONCILIATION_SOURCE, SOURCE_HEADER } from '../../../src/contracts/ports/admission.port.js';
import type { SeenIndex } from '../../../src/contracts/ports/seen-index.port.js';

export const landedEvent = (more: Partial<VendorEvent> = {}): VendorEvent => ({
  schemaVersion: 1,
  eventId: 'e'.repeat(64),
  changeId: 'call:81234567890123456789',
  vendor: 'gong',
  kind: 'call',
  objectId: '81234567890123456789',
  body: '{}',
  bodyEncoding: 'utf8',
  bodySha256: 'h',
  headers: {},
  signingKeyId: 'key-one',
  correlationId: 'correlation',
  receivedAt: '2026-03-04T15:40:00.000Z',
  ...more,
});

/** What every SeenIndex has to keep; `open` gives an empty one. */
export function describeSeenIndex(name: string, open: () => Promise<SeenIndex>): void {
  describe(`${name} as SeenIndex`, () => {
    let seen: SeenIndex;
    beforeEach(async () => {
      seen = await open();
    });

    const knows = async (changeId: string, vendor: 'gong' | 'zoho' = 'zoho') =>
      (await seen.known(vendor, [changeId])).has(changeId);

    it('knows an object that has landed, and no other, to the last digit', async () => {
      await seen.landed(landedEvent());
      expect(await knows('call:81234567890123456789', 'gong')).toBe(true);
      expect(await knows('call:81234567890123456788', 'gong')).toBe(false);
      expect(await knows('meeting:81234567890123456789', 'gong')).toBe(false);
      expect(await knows('call:81234567890123456789')).toBe(false);
    });

    it('knows versions up to the latest that has come in, whatever order they came in', async () => {
      const at = (time: string) => `Accounts:6890123000000451007:${time}`;
      await seen.mark('zoho', [at('2026-03-04T12:00:05.000Z')]);
      await seen.mark('zoho', [at('2026-03-04T12:00:01.000Z')]);
      expect(await knows(at('2026-03-04T12:00:05.000Z'))).toBe(true);
      expect(await knows(at('2026-03-04T04:00:05-08:00'))).toBe(true);
      expect(await knows(at('2026-03-04T12:00:04.000Z'))).toBe(true);
      expect(await knows(at('2026-03-04T12:00:05.001Z'))).toBe(false);
      expect(await knows('Accounts:6890123000000451007')).toBe(true);
      expect(await knows('Contacts:6890123000000451007:2026-03-04T12:00:05.000Z')).toBe(false);
    });

    it('answers for many at once, and for none', async () => {
      const ids = Array.from({ length: 250 }, (_, index) => `call:${index}`);
      await seen.mark(
        'gong',
        ids.filter((_id, index) => index % 2 === 0),
      );
      const known = await seen.known('gong', ids);
      expect([...known]).toEqual(ids.filter((_id, index) => index % 2 === 0));
      expect(await seen.known('gong', [])).toEqual(new Set());
      await seen.mark('gong', []);
    });

    it('lands what names no change, and knows nothing by it', async () => {
      await seen.landed(landedEvent({ changeId: null, objectId: null }));
      expect(await seen.lastDeliveries('gong')).toHaveLength(1);
      expect(await seen.known('gong', ['null', 'call:null'])).toEqual(new Set());
    });

    it('tells of each key the latest delivery it has proven, the latest first', async () => {
      await seen.landed(landedEvent({ receivedAt: '2026-03-04T15:40:00.000Z' }));
      await seen.landed(landedEvent({ signingKeyId: 'key-two', receivedAt: '2026-03-04T15:50:00.000Z' }));
      await seen.landed(landedEvent({ receivedAt: '2026-03-04T15:45:00.000Z' }));
      // A retry lands late what came in before.
      await seen.landed(landedEvent({ receivedAt: '2026-03-04T15:41:00.000Z' }));
      expect(await seen.lastDeliveries('gong')).toEqual([
        { signingKeyId: 'key-two', at: '2026-03-04T15:50:00.000Z' },
        { signingKeyId: 'key-one', at: '2026-03-04T15:45:00.000Z' },
      ]);
      expect(await seen.lastDeliveries('zoho')).toEqual([]);
    });

    it('takes for no delivery what this service has entered or repeats itself', async () => {
      await seen.landed(landedEvent({ headers: { [SOURCE_HEADER]: RECONCILIATION_SOURCE } }));
      const replay = { of: 'x', by: 'anna', at: '2026-03-04T15:40:00.000Z' };
      await seen.landed(landedEvent({ changeId: 'call:2', replay }));
      expect(await seen.lastDeliveries('gong')).toEqual([]);
      expect(await knows('call:2', 'gong')).toBe(true);
    });
  });
}
