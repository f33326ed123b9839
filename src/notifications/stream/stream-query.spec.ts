import { KIND_CHANNELS } from '../../contracts/notification.js';
import { decodePositions, encodePositions, isAfter } from './stream-positions.js';
import { readStreamQuery } from './stream-query.js';

const read = (query: Record<string, string | string[]>, lastEventId?: string) =>
  readStreamQuery({ query, headers: { 'last-event-id': lastEventId } }, 'sophia');

describe('what an agent asks to hear', () => {
  it('is every kind, when it names none', () => {
    expect(read({})).toEqual({ channels: KIND_CHANNELS, priorities: [], resumeFrom: new Map() });
  });

  it('is named with or without the prefix, in lists or repeated', () => {
    const { channels, priorities } = read({
      channels: ['sophia:gong:calls,gong:errors', 'gong:priority:urgent'],
      priority: 'high, urgent',
    });
    expect(channels).toEqual(['gong:calls', 'gong:errors', 'gong:priority:urgent']);
    expect(priorities).toEqual(['high', 'urgent']);
  });

  it.each([[{ channels: 'gong:everything' }], [{ priority: 'very' }]])('is refused as %j', (query) => {
    expect(() => read(query)).toThrow(expect.objectContaining({ code: 'REQUEST.INVALID' }));
  });

  it.each([['nonsense'], ['gong:calls@1'], ['gong:nothing@1-0'], ['gong:calls@1-0,'], ['x'.repeat(5000)]])(
    'is refused with the event id "%.20s"',
    (id) => {
      expect(() => read({}, id)).toThrow(expect.objectContaining({ code: 'REQUEST.INVALID' }));
    },
  );
});

describe('positions', () => {
  it('survive being an event id', () => {
    const positions = new Map([
      ['gong:calls', '1764000000000-3'],
      ['zoho:errors', '0-0'],
    ] as const);
    expect(decodePositions(encodePositions(positions))).toEqual(positions);
  });

  it.each([
    ['2-0', '1-5', true],
    ['1-10', '1-9', true],
    ['1-9', '1-9', false],
    ['9-0', '10-0', false],
  ])('%s is after %s: %s', (id, other, expected) => {
    expect(isAfter(id, other)).toBe(expected);
  });
});
