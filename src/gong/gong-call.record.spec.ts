import type { VendorEvent } from '../contracts/event.js';
import type { Json, JsonObject } from '../contracts/json.js';
import { callDetailsOf, type CallMaterial, callRecord } from './gong-call.record.js';
import { CallSources } from './gong-call.sources.js';
import { gongCallRows } from './gong-rows.js';

const WEBHOOK: JsonObject = {
  metaData: {
    title: 'Renewal',
    url: 'https://app.gong.example/1',
    direction: 'Outbound',
    started: '2026-03-04T10:00:00Z',
  },
  context: [{ objects: [{ objectType: 'Account', objectId: 'old' }] }],
  parties: [{ id: 'p1', name: 'Dana', affiliation: 'External', speakerId: 's1' }],
  content: {
    trackers: [{ name: 'Churn', count: 1 }],
    topics: [{ name: 'Pricing', duration: 12 }],
    scorecardsAnswers: ['kept'],
  },
  interaction: { interactionStats: [{ name: 'Patience', value: 0.9 }] },
};
const CALL: JsonObject = {
  metaData: { id: '1', title: 'Renewal 2026', direction: null, duration: 60, purpose: 'kept' },
  context: [
    {
      objects: [
        { objectType: 'Opportunity', objectId: 'deal-1' },
        { objectType: 'Account', objectId: 'acc-1', fields: [{ name: 'Name', value: 'Contoso' }] },
      ],
    },
  ],
  parties: [],
  content: {
    trackers: [
      { name: 'Competitors', count: 2, type: 'KEYWORD', phrases: [{ phrase: 'Fabrikam', count: 2 }] },
      { name: 'Pricing', count: 0 },
    ],
    brief: 'They may leave.',
    highlights: [{ title: 'Next steps', items: [{ text: 'Send the quote.', startTimes: [1] }] }],
    keyPoints: [{ text: 'At risk.' }],
    callOutcome: { id: 'X', category: 'Answered', name: 'Meeting booked' },
    pointsOfInterest: { actionItems: [{ snippet: 'Call back.' }] },
  },
  interaction: { questions: { companyCount: 3, nonCompanyCount: 4 } },
};
const TRANSCRIPT: Json[] = [{ speakerId: 's1', sentences: [{ start: 0, end: 9, text: 'We may leave.' }] }];

const material = (more: Partial<CallMaterial> = {}): CallMaterial => ({
  callId: '1',
  kind: 'call',
  sources: new CallSources(WEBHOOK, CALL),
  isFetched: true,
  transcript: TRANSCRIPT,
  isWithheld: false,
  enrichment: { status: 'full' },
  ...more,
});

const EVENT = { eventId: 'e', receivedAt: '2026-03-04T12:00:00.000Z' } as VendorEvent;

describe('callRecord', () => {
  it('takes the word of the API where it says anything, and names where each text stands', () => {
    const { conversation, subject } = callRecord(material());
    expect(conversation).toMatchObject({
      title: 'Renewal 2026',
      titleField: 'call.metaData.title',
      durationSeconds: 60,
      startedAt: '2026-03-04T10:00:00.000Z',
      parties: [{ name: 'Dana' }],
      trackers: [{ name: 'Competitors', phrases: [{ field: 'call.content.trackers[0].phrases[0].phrase' }] }],
      utterances: [{ text: 'We may leave.', partyIndex: 0 }],
    });
    expect(subject).toMatchObject({
      account: { id: 'acc-1', name: 'Contoso' },
      url: 'https://app.gong.example/1',
    });
  });

  it("has Gong's own analysis as signals", () => {
    expect(callRecord(material()).conversation.signals).toEqual({
      topics: [{ name: 'Pricing', durationSeconds: 12 }],
      highlights: [
        {
          title: 'Next steps',
          items: [{ text: 'Send the quote.', field: 'call.content.highlights[0].items[0].text' }],
        },
        {
          title: 'Action items',
          items: [{ text: 'Call back.', field: 'call.content.pointsOfInterest.actionItems[0].snippet' }],
        },
      ],
      keyPoints: [{ text: 'At risk.', field: 'call.content.keyPoints[0].text' }],
      brief: { text: 'They may leave.', field: 'call.content.brief' },
      outcome: { name: 'Meeting booked', category: 'Answered', field: 'call.content.callOutcome.name' },
      stats: { Patience: 0.9 },
      questions: { internal: 3, external: 4 },
    });
  });

  it('takes a missing transcript of a fetched call as a lack of quality', () => {
    const [whole, without] = [callRecord(material()), callRecord(material({ transcript: null }))];
    expect(without.dataQuality).toBeLessThan(whole.dataQuality);
  });
});

describe('gongCallRows', () => {
  const row = (more: Partial<CallMaterial> = {}) => {
    const record = callRecord(material(more));
    const [call] = gongCallRows(EVENT, record, null, callDetailsOf(record));
    return call?.values ?? {};
  };

  it('keeps what was fetched, as it came', () => {
    const values = row();
    expect(values).toMatchObject({
      TITLE: 'Renewal 2026',
      DIRECTION: 'Outbound',
      ACCOUNT_ID: 'acc-1',
      DEAL_ID: 'deal-1',
      TRANSCRIPT: JSON.stringify(TRANSCRIPT),
      ENRICHMENT_STATUS: 'full',
    });
    expect(JSON.parse(String(values.ANALYTICS))).toMatchObject({
      content: { brief: 'They may leave.', scorecardsAnswers: ['kept'] },
      interaction: { interactionStats: [{ name: 'Patience', value: 0.9 }], questions: { companyCount: 3 } },
      metaData: { purpose: 'kept' },
    });
  });

  it('lets the row that is made of more win over one of the same delivery', () => {
    const revisions = [
      row({ sources: new CallSources(WEBHOOK, null), isFetched: false, transcript: null }),
      row({ transcript: null }),
      row(),
    ].map(({ REVISION }) => REVISION);
    expect(revisions).toEqual([0, 1e13, 2e13]);
  });

  it('shows nothing of a withheld call', () => {
    expect(JSON.stringify(row({ isWithheld: true }))).not.toMatch(/leave|Renewal|Dana|acc-1|deal-1/);
  });
});
