import { type Conversation, NO_SIGNALS, type Party } from '../../src/contracts/conversation.js';
import type { Side } from '../../src/contracts/insight.js';

const PEOPLE: Readonly<Record<string, readonly [name: string, side: Side]>> = {
  Dana: ['Dana Weiss', 'internal'],
  Owen: ['Owen Clarke', 'internal'],
  Marta: ['Marta Ruiz', 'external'],
  Sam: ['Sam Field', 'external'],
};

/** A call of 400 s on Wednesday 2026-03-11, 10:00 in Chicago. @param turns "Marta: what she says" */
export function callOf(turns: readonly string[], more: Partial<Conversation> = {}): Conversation {
  const names = Object.keys(PEOPLE);
  return {
    kind: 'call',
    objectId: 'call-1',
    title: 'Quarterly review',
    titleField: 'title',
    durationSeconds: 400,
    startedAt: '2026-03-11T10:00:00-05:00',
    utcOffsetMinutes: -300,
    side: 'external',
    parties: names.map((name): Party => {
      const [full, side] = PEOPLE[name] as readonly [string, Side];
      return { id: null, name: full, emailAddress: null, title: null, side, speakerId: name };
    }),
    trackers: [],
    utterances: turns.map((turn, at) => {
      const [name = '', text = ''] = turn.split(/: (.*)/s);
      return {
        text,
        partyIndex: names.indexOf(name),
        turn: at,
        startMs: at * 10_000,
        endMs: at * 10_000 + 9_000,
        field: `turns[${at}].text`,
      };
    }),
    signals: NO_SIGNALS,
    ...more,
  };
}

/** A mail from outside. */
export function mailOf(body: string, more: Partial<Conversation> = {}): Conversation {
  const utterance = { text: body, partyIndex: 0, turn: 0, startMs: null, endMs: null, field: 'body' };
  return callOf([], {
    kind: 'email',
    title: 'Re: renewal',
    durationSeconds: null,
    parties: [
      {
        id: null,
        name: null,
        emailAddress: 'marta@customer.example',
        title: null,
        side: 'external',
        speakerId: null,
      },
    ],
    utterances: [utterance],
    ...more,
  });
}
