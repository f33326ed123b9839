import fc from 'fast-check';
import { compareEvents, cursorAfter, placeIn } from './event-cursor.js';

const encoded = (text: string) => Buffer.from(text).toString('base64url');

describe('the cursor of a list of events', () => {
  it.each(['2026-03-04T15:40:00.000Z', '2026-03-04T15:40:00.123456Z', '2026-03-04T15:40:00Z'])(
    'leads back to its event, received at %s',
    (receivedAt) => {
      const place = { receivedAt, eventId: 'e1' };
      expect(placeIn(cursorAfter(place))).toEqual(place);
    },
  );

  it.each([
    ['nothing', ''],
    ['no base64', '%%%'],
    ['a time without an event', encoded('2026-03-04T15:40:00.000Z|')],
    ['an event without a time', encoded('|e1')],
    ['a word for a time', encoded('yesterday|e1')],
    ['a time that only JavaScript reads', encoded('1|e1')],
    ['a time without its zone', encoded('2026-03-04T15:40:00|e1')],
    ['a day that no calendar has', encoded('2026-13-41T15:40:00Z|e1')],
  ])('is refused where it holds %s', (_what, cursor) => {
    expect(() => placeIn(cursor)).toThrow(
      expect.objectContaining({ code: 'REQUEST.INVALID_CURSOR' }) as Error,
    );
  });
});

describe('the order of events', () => {
  const place = fc.record({
    receivedAt: fc.integer({ min: 0, max: 3 }).map((second) => `2026-03-04T15:40:0${second}.000Z`),
    eventId: fc.constantFrom('a', 'b', 'c'),
  });

  it('has the newest first, and those of one moment by their ids', () => {
    const [early, late] = ['2026-03-04T15:40:00Z', '2026-03-04T15:40:01Z'];
    const places = [
      { receivedAt: early, eventId: 'a' },
      { receivedAt: late, eventId: 'a' },
      { receivedAt: early, eventId: 'b' },
    ];
    expect(places.sort(compareEvents).map(({ receivedAt, eventId }) => [receivedAt, eventId])).toEqual([
      [late, 'a'],
      [early, 'b'],
      [early, 'a'],
    ]);
  });

  it('is the same from both sides, so that no page repeats or leaves out an event', () => {
    fc.assert(
      fc.property(place, place, (left, right) => {
        expect(Math.sign(compareEvents(left, right))).toBe(0 - Math.sign(compareEvents(right, left)));
        const isSame = left.receivedAt === right.receivedAt && left.eventId === right.eventId;
        expect(compareEvents(left, right) === 0).toBe(isSame);
      }),
    );
  });
});
