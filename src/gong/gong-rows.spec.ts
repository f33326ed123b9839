import type { EnrichedRecord } from '../contracts/conversation.js';
import type { VendorEvent } from '../contracts/event.js';
import type { JsonObject } from '../contracts/json.js';
import { callDetailsOf, callRecord } from './gong-call.record.js';
import { CallSources } from './gong-call.sources.js';
import { relayedEmail } from './gong-email.payload.js';
import { gongCallRows, gongEmailRow } from './gong-rows.js';

const EVENT = { eventId: 'e1', receivedAt: '2026-03-04T12:00:00.000Z' } as VendorEvent;

/** A call of which only the webhook tells. */
const recordOf = (
  callData: JsonObject,
  more: Partial<Parameters<typeof callRecord>[0]> = {},
): EnrichedRecord =>
  callRecord({
    ...{ callId: '1', kind: 'call', sources: new CallSources(callData, null), isFetched: false },
    ...{ transcript: null, isWithheld: false, enrichment: { status: 'partial' } },
    ...more,
  });
const rowsOf = (record: EnrichedRecord, event = EVENT) =>
  gongCallRows(event, record, null, callDetailsOf(record)).map(({ values }) => values);

describe('the row of a call', () => {
  it('that says nothing of itself has its id, and nothing that was made up', () => {
    const [row] = rowsOf(recordOf({}));
    expect(row).toMatchObject({
      ...{ CALL_ID: '1', TITLE: null, URL: null, ACCOUNT_ID: null, DEAL_ID: null, STARTED_AT: null },
      ...{ DURATION_SECONDS: null, SCHEDULED_AT: null, PARTIES: '[]', TRANSCRIPT: null, PRIORITY: 'low' },
      ENRICHMENT_STATUS: 'partial',
    });
    expect(JSON.parse(String(row?.ANALYTICS))).toEqual({ content: {}, interaction: {}, collaboration: {} });
  });

  it.each([
    ['metaData', { metaData: 'none', parties: null }],
    ['times', { metaData: { scheduled: 'soon', started: 'later', duration: 'long' } }],
  ])('is written although its %s are none', (_what, callData) => {
    const [row] = rowsOf(recordOf(callData));
    expect(row).toMatchObject({ CALL_ID: '1', SCHEDULED_AT: null, STARTED_AT: null, DURATION_SECONDS: null });
  });

  it('that is withheld has nothing that was said, nor who was there', () => {
    const callData = {
      metaData: { title: 'Secret', url: 'https://x.example', started: '2026-03-04T10:00:00Z', duration: 60 },
      parties: [{ name: 'Dana' }],
    };
    for (const kind of ['call', 'meeting'] as const) {
      const [row] = rowsOf(recordOf(callData, { isWithheld: true, kind }));
      expect(JSON.stringify(row)).not.toMatch(/Secret|Dana|x\.example/);
      expect(row).toMatchObject({ DURATION_SECONDS: 60, PRIORITY: 'low', INSIGHTS: '[]' });
    }
  });
});

describe('of two rows of one call', () => {
  const revision = (record: EnrichedRecord, replayedAt?: string) => {
    const replay = replayedAt === undefined ? {} : { replay: { of: 'x', by: 'ann', at: replayedAt } };
    return Number(rowsOf(record, { ...EVENT, ...replay })[0]?.REVISION);
  };

  it('the one made of more is the newer, whenever it was made', () => {
    const bare = recordOf({});
    const fetched = recordOf({}, { isFetched: true });
    const whole = recordOf({}, { isFetched: true, transcript: [] });
    const late = '2026-12-31T00:00:00.000Z';
    expect(revision(fetched)).toBeGreaterThan(revision(bare, late));
    expect(revision(whole)).toBeGreaterThan(revision(fetched, late));
  });

  it('made of the same, the one of the later replay is', () => {
    const record = recordOf({});
    const times = [undefined, '2026-03-05T00:00:00.000Z', '2026-03-06T00:00:00.000Z'];
    const revisions = times.map((time) => revision(record, time));
    expect(revisions).toEqual([...revisions].sort((left, right) => left - right));
    expect(new Set(revisions).size).toBe(3);
  });

  it('without a number of its own, the full one is', () => {
    const { details: _none, ...record } = recordOf({});
    const email = relayedEmail({}, 'm');
    const rowOf = (status: 'full' | 'partial') =>
      gongEmailRow(EVENT, { ...record, enrichment: { status } }, null, email).values.REVISION;
    expect([rowOf('partial'), rowOf('full')]).toEqual([0, 1e13]);
  });
});

describe("Gong's own analysis", () => {
  const signalsOf = (content: JsonObject, interaction: JsonObject = {}) =>
    recordOf({ content, interaction }).conversation.signals;

  it('is read as far as it says something', () => {
    const signals = signalsOf(
      {
        topics: [
          { name: 'Pricing', duration: 3 },
          { name: 'Weather' },
          { name: 'None', duration: 0 },
          { duration: 9 },
        ],
        highlights: [{ items: [{ text: 'Send it.' }, { text: ' ' }, {}] }],
        callOutcome: { category: 'Answered' },
        keyPoints: 'none',
        brief: '',
      },
      {
        interactionStats: [{ name: 'Patience', value: 1 }, { name: 'Odd' }, { value: 2 }],
        questions: { nonCompanyCount: 2 },
      },
    );
    expect(signals).toMatchObject({
      topics: [{ name: 'Pricing', durationSeconds: 3 }],
      highlights: [{ title: '', items: [{ text: 'Send it.' }] }],
      ...{ outcome: null, keyPoints: [], brief: null, stats: { Patience: 1 } },
      questions: { internal: 0, external: 2 },
    });
  });

  it('counts the questions of one side too', () => {
    expect(signalsOf({}, { questions: { companyCount: 2 } }).questions).toEqual({ internal: 2, external: 0 });
    expect(signalsOf({}, { questions: {} }).questions).toBeNull();
  });
});
