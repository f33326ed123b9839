import { readCallLine } from './call-line.js';

const read = (line: object) => readCallLine(JSON.stringify(line));

describe('readCallLine', () => {
  it.each([
    [{ turns: [] }, 'has no "id"'],
    [{ id: 7, turns: [] }, 'has no "id"'],
    [{ id: '1' }, 'has no "turns"'],
    [{ id: '1', turns: 'Hello.' }, 'has no "turns"'],
  ])('says of %j what is missing', (line, problem) => {
    expect(() => read(line)).toThrow(problem);
  });

  it('reads a call that says as little as possible', () => {
    const { labels, conversation } = read({ id: '1', turns: [{}] });
    expect(labels).toBeNull();
    expect(conversation).toMatchObject({
      ...{ kind: 'call', objectId: '1', title: null, startedAt: null, durationSeconds: null },
      ...{ utcOffsetMinutes: null, side: 'external', parties: [] },
      utterances: [
        { text: '', partyIndex: null, turn: 0, startMs: null, endMs: null, field: 'turns[0].text' },
      ],
    });
  });

  it('reads one that says everything', () => {
    const labels = { priority: 'low' };
    const parties = [{ speakerId: 's1', name: 'Sam', side: 'internal', title: 'AE', email: 'sam@x.example' }];
    const turns = [{ i: 4, speakerId: 's1', startMs: 1, endMs: 2, text: 'Hello.' }];
    const about = { title: 'Intro', startedAt: '2026-03-04T10:00:00Z', durationSec: 9 };
    const call = read({ id: '1', kind: 'meeting', ...about, parties, turns, labels });
    expect(call.labels).toEqual(labels);
    expect(call.conversation).toMatchObject({
      ...{ kind: 'meeting', title: 'Intro', durationSeconds: 9, utcOffsetMinutes: 0 },
      parties: [
        { speakerId: 's1', name: 'Sam', side: 'internal', title: 'AE', emailAddress: 'sam@x.example' },
      ],
      utterances: [{ text: 'Hello.', partyIndex: 0, turn: 4, startMs: 1, endMs: 2 }],
    });
  });

  it.each([
    ['only our own people', ['internal', 'internal'], 'internal'],
    ['somebody from outside', ['internal', 'external'], 'external'],
    ['somebody of whom that is not known', ['internal', 'somewhere'], 'external'],
    ['nobody that is named', [], 'external'],
  ])('is, with %s, a call on the %s side', (_what, sides, side) => {
    const parties = sides.map((at) => ({ side: at }));
    const { conversation } = read({ id: '1', parties, turns: [] });
    expect(conversation.side).toBe(side);
    expect(conversation.parties.map((party) => party.side)).toEqual(
      sides.map((at) => (at === 'somewhere' ? 'unknown' : at)),
    );
  });

  it('gives a turn without a speaker to nobody, although a party has none either', () => {
    const parties = [{ name: 'Sam' }, { name: 'Dana', speakerId: 's2' }];
    const turns = [{ text: 'a' }, { text: 'b', speakerId: 's2' }, { text: 'c', speakerId: 's9' }];
    const { utterances } = read({ id: '1', parties, turns }).conversation;
    expect(utterances.map(({ partyIndex }) => partyIndex)).toEqual([null, 1, null]);
  });

  it.each([
    ['2026-03-04T10:00:00+05:30', 330],
    ['2026-03-04T10:00:00-0500', -300],
    ['2026-03-04T10:00:00Z', 0],
    ['2026-03-04T10:00:00', null],
  ])('reads the offset of %s as %s minutes', (startedAt, minutes) => {
    expect(read({ id: '1', startedAt, turns: [] }).conversation.utcOffsetMinutes).toBe(minutes);
  });
});
