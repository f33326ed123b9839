import type { Party } from '../contracts/conversation.js';
import type { Json } from '../contracts/json.js';
import { PayloadReader } from './gong-call.payload.js';
import { utterancesOf } from './gong-transcript.js';

const party = (speakerId: string | null): Party => ({
  id: null,
  name: null,
  emailAddress: null,
  title: null,
  side: 'unknown',
  speakerId,
});
const PARTIES = [party(null), party('s1'), party('s2')];

const monologue = (speakerId: string | null, ...texts: string[]): Json => ({
  speakerId,
  topic: null,
  sentences: texts.map((text, index) => ({ start: index * 10, end: index * 10 + 9, text })),
});

function read(transcript: readonly Json[]) {
  const reader = new PayloadReader();
  return { utterances: utterancesOf(reader, transcript, PARTIES), unusable: reader.unusable };
}

describe('utterancesOf', () => {
  it('gives each sentence its speaker, its times and its place', () => {
    expect(read([monologue('s2', 'One.', 'Two.')]).utterances).toEqual([
      {
        text: 'One.',
        partyIndex: 2,
        turn: 0,
        startMs: 0,
        endMs: 9,
        field: 'transcript[0].sentences[0].text',
      },
      {
        text: 'Two.',
        partyIndex: 2,
        turn: 0,
        startMs: 10,
        endMs: 19,
        field: 'transcript[0].sentences[1].text',
      },
    ]);
  });

  it('counts a new topic of the same speaker as the same turn', () => {
    const { utterances } = read([
      monologue('s1', 'a'),
      monologue('s1', 'b'),
      monologue('s2', 'c'),
      monologue('s1', 'd'),
    ]);
    expect(utterances.map(({ turn }) => turn)).toEqual([0, 0, 1, 2]);
  });

  it('takes each monologue of an unknown speaker as a turn of its own, and nobody as its party', () => {
    const { utterances } = read([monologue(null, 'a'), monologue(null, 'b'), monologue('nobody', 'c')]);
    expect(utterances.map(({ turn, partyIndex }) => [turn, partyIndex])).toEqual([
      [0, null],
      [1, null],
      [2, null],
    ]);
  });

  it('leaves out what has no text, and reports what is not usable', () => {
    const odd: Json = {
      speakerId: 17,
      sentences: [{ text: ' ' }, { text: 5 }, { start: 'x', text: 'kept' }],
    };
    const { utterances, unusable } = read([odd, 'noise', { speakerId: 's1' }]);
    expect(utterances).toMatchObject([{ text: 'kept', startMs: null, endMs: null, partyIndex: null }]);
    expect(unusable).toEqual(
      expect.arrayContaining([
        'transcript[0].speakerId',
        'transcript[0].sentences[1].text',
        'transcript[0].sentences[2].start',
        'transcript[1]',
      ]),
    );
  });
});
