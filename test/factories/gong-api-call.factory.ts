import { type GongCallBody, SeededRandom } from './gong-call.factory.js';

/** A call as POST /v2/calls/extensive gives it: what the webhook has, and what only the API has. */
export type GongApiCall = GongCallBody['callData'] & {
  readonly content: {
    readonly brief: string;
    readonly structure: readonly { readonly name: string; readonly duration: number }[];
    readonly outline: readonly unknown[];
    readonly highlights: readonly {
      readonly title: string;
      readonly items: readonly { readonly text: string; readonly startTimes: readonly number[] }[];
    }[];
    readonly keyPoints: readonly { readonly text: string }[];
    readonly callOutcome: { readonly id: string; readonly category: string; readonly name: string };
  };
  readonly interaction: {
    readonly questions: { readonly companyCount: number; readonly nonCompanyCount: number };
  };
};

/** One monologue of POST /v2/calls/transcript; start and end in milliseconds. */
export interface GongMonologue {
  readonly speakerId: string | null;
  readonly topic: string | null;
  readonly sentences: readonly { readonly start: number; readonly end: number; readonly text: string }[];
}

const SENTENCES = [
  'Thanks for joining today.',
  'We are also looking at Fabrikam, their quote came in lower.',
  'If the price stays there, we may not renew.',
  'Could you send the revised quote by Friday?',
  'We would like to add twenty seats in the spring.',
  'Let me check that with finance.',
];

/** The same call as the API tells it (field names of Gong's OpenAPI description; values invented). */
export function gongApiCall({ callData }: GongCallBody): GongApiCall {
  return {
    ...callData,
    content: {
      ...callData.content,
      brief: 'The customer reviewed the renewal and asked for a comparison before signing.',
      structure: [{ name: 'Meeting Setup', duration: 67 }],
      outline: [{ section: 'Renewal terms', startTime: 184.5, duration: 640, items: [] }],
      highlights: [
        {
          title: 'Next steps',
          items: [{ text: 'Sam will send the revised quote by Friday.', startTimes: [1640.2] }],
        },
      ],
      keyPoints: [{ text: 'Renewal is at risk unless pricing is revised.' }],
      callOutcome: { id: 'MEETING_BOOKED', category: 'Answered', name: 'Meeting booked' },
    },
    interaction: { ...callData.interaction, questions: { companyCount: 9, nonCompanyCount: 14 } },
  };
}

/** What the people of a call said, in turns of one to three sentences; the same seed gives the same words. */
export function gongTranscript({ callData }: GongCallBody, turns = 12): GongMonologue[] {
  const random = new SeededRandom(Number(callData.metaData.id.slice(-6)));
  const speakers = callData.parties.flatMap(({ speakerId }) => speakerId ?? []);
  let at = 1_000;
  return Array.from({ length: turns }, (_, turn) => ({
    speakerId: speakers[turn % Math.max(1, speakers.length)] ?? null,
    topic: turn === 0 ? 'Call Setup' : null,
    sentences: Array.from({ length: random.integer(1, 3) }, () => {
      const [start, end] = [at, at + random.integer(900, 6_000)];
      at = end + random.integer(20, 900);
      return { start, end, text: random.pick(SENTENCES) };
    }),
  }));
}
