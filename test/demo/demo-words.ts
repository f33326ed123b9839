import type { GongMonologue } from '../factories/gong-api-call.factory.js';
import type { GongCallBody } from '../factories/gong-call.factory.js';

/** Who says it: our side, or the customer's. */
type Line = readonly [side: 'Internal' | 'External', text: string];

const SMALL_TALK: readonly Line[] = [
  ['Internal', 'Hi, good to see you. Can you hear me all right?'],
  ['External', 'Yes, loud and clear. We have half an hour, then I need to run.'],
];

const CLOSING: readonly Line[] = [
  ['Internal', 'Great. I will send you the summary by Friday.'],
  ['External', 'Perfect, thank you. Talk soon.'],
];

/** What is talked about, by a word of the title. */
const PLOTS: readonly (readonly [title: RegExp, lines: readonly Line[]])[] = [
  [
    /cancellation|renewal at risk/i,
    [
      ['External', 'I will be direct, we are not going to renew in its current form.'],
      ['Internal', 'I am sorry to hear that. What is behind it?'],
      ['External', 'Adoption is poor, and we are really unhappy with how the onboarding went.'],
      ['External', 'We are also looking at Clari, and their quote came in lower.'],
    ],
  ],
  [
    /comparison|executive review/i,
    [
      ['External', 'We are evaluating Salesloft alongside you, the team is in their trial this week.'],
      ['Internal', 'Happy to help with that comparison. What matters most to you?'],
      ['External', 'Reporting, and how fast we are live. Could you send us a comparison by next Tuesday?'],
    ],
  ],
  [
    /expansion/i,
    [
      ['External', 'The pilot went really well, and we would like to add forty seats for the service team.'],
      ['Internal', 'That is wonderful news. Same modules as today?'],
      ['External', 'Yes, and we want to look at the Insights module too.'],
    ],
  ],
  [
    /contract review/i,
    [
      ['External', 'Legal wants the data processing terms changed. Can you send us your standard addendum?'],
      ['Internal', 'Of course, I will get that to you tomorrow.'],
      ['External', 'And we need the security questionnaire filled in before the end of the month.'],
    ],
  ],
];

const DISCOVERY: readonly Line[] = [
  ['Internal', 'Could you walk me through how the team forecasts today?'],
  ['External', 'Mostly in spreadsheets. Each manager sends numbers on Monday and somebody merges them.'],
  ['Internal', 'How long does that take?'],
  ['External', 'About half a day, and it is out of date by Tuesday.'],
];

const MS_PER_WORD = 400;
const PAUSE_MS = 600;

/** The transcript of a demo call, in the form of POST /v2/calls/transcript; it follows from the title. */
export function demoTranscript({ callData }: GongCallBody): GongMonologue[] {
  const { title } = callData.metaData;
  const plot = PLOTS.find(([pattern]) => pattern.test(title ?? ''))?.[1] ?? DISCOVERY;
  let at = 1_000;
  return [...SMALL_TALK, ...plot, ...CLOSING].map(([side, text], turn) => {
    const speaker = callData.parties.find(({ affiliation }) => affiliation === side);
    const sentences = text.split(/(?<=[.?!]) /).map((sentence) => {
      const [start, end] = [at, at + sentence.split(' ').length * MS_PER_WORD];
      at = end + PAUSE_MS;
      return { start, end, text: sentence };
    });
    return { speakerId: speaker?.speakerId ?? null, topic: turn === 0 ? 'Call Setup' : null, sentences };
  });
}
