import { conversationCursor, type ConversationPlace, conversationPlaceIn } from './conversation-cursor.js';

const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('the cursor of a list of conversations', () => {
  it('leads back to its conversation, whatever its id holds', () => {
    const place: ConversationPlace = { kind: 'email', id: '<a|b"c>@x', at: '2026-03-04T15:40:00.000Z' };
    expect(conversationPlaceIn(conversationCursor(place))).toEqual(place);
  });

  it.each([
    ['nothing', ''],
    ['no JSON', Buffer.from('2026|call|1').toString('base64url')],
    ['no list', encoded({ at: '2026-03-04T15:40:00Z', kind: 'call', id: '1' })],
    ['a short list', encoded(['2026-03-04T15:40:00Z', 'call'])],
    ['an id that is a number', encoded(['2026-03-04T15:40:00Z', 'call', 1])],
    ['no time', encoded(['soon', 'call', '1'])],
  ])('is refused where it holds %s', (_what, cursor) => {
    expect(() => conversationPlaceIn(cursor)).toThrow(
      expect.objectContaining({ code: 'REQUEST.INVALID_CURSOR' }) as Error,
    );
  });
});
