import { resolve } from 'node:path';
import fc from 'fast-check';
import { callOf, mailOf } from '../../test/factories/conversation.factory.js';
import { AppConfig } from '../config/app-config.js';
import { type Conversation, NO_SIGNALS, type TrackerHit } from '../contracts/conversation.js';
import type { Evidence } from '../contracts/insight.js';
import { InsightRules } from './insight-rules.js';
import { analyseNow, RulesEngine } from './rules.engine.js';

const config = Object.assign(new AppConfig(), {
  INSIGHT_RULES_DIR: resolve(__dirname, '../../config/insights'),
});
const insightRules = new InsightRules(config);
const engine = new RulesEngine(insightRules);
const analyse = (conversation: Conversation) => analyseNow(conversation, insightRules.current);

const tracker = (name: string, more: Partial<TrackerHit> = {}): TrackerHit => ({
  name,
  type: 'KEYWORD',
  count: 1,
  field: 'callData.content.trackers[0].name',
  phrases: [],
  ...more,
});

const phrase = (text: string, count = 1) => ({
  text,
  count,
  field: 'callData.content.trackers[0].phrases[0].phrase',
});

describe('priority', () => {
  it.each([
    ['an explicit threat is urgent, however short the call', 'urgent', ['Marta: We are not renewing.'], 90],
    [
      'a weak sign is urgent while they evaluate a competitor',
      'urgent',
      ['Marta: Hardly anyone uses it.', 'Marta: We have a demo with Domo on Friday.'],
      400,
    ],
    ['a weak sign alone is high', 'high', ['Marta: Hardly anyone uses it.'], 400],
    ['a competitor they use is high', 'high', ['Marta: Our tickets are in Zendesk.'], 400],
    ['a competitor that only we name is not', 'medium', ['Dana: Others use Zendesk.'], 400],
    [
      'two promises are high',
      'high',
      ['Dana: I will send the deck by Friday.', 'Marta: I will send you the user list tomorrow.'],
      400,
    ],
    ['a short call without a sign is low', 'low', ['Marta: Thanks, bye.'], 120],
    ['anything else is medium', 'medium', ['Marta: It rained all week here.'], 400],
  ])('%s', (_why, expected, turns, durationSeconds) => {
    const { priority, priorityReasons } = analyse(callOf(turns, { durationSeconds }));
    expect(priority).toBe(expected);
    expect(priorityReasons.length).toBeGreaterThan(0);
  });

  it('makes an informational e-mail low and an asking one medium', () => {
    expect(analyse(mailOf('The office will be closed on Thursday.')).priority).toBe('low');
    expect(analyse(mailOf('Can you please send me the contract by Friday?')).priority).toBe('medium');
  });
});

describe("the vendor's own signals", () => {
  it.each([
    ['a keyword tracker that was hit twice', [tracker('Churn risk', { count: 2 })]],
    ['a smart tracker', [tracker('Churn risk', { type: 'SMART' })]],
    ['a competitor tracker', [tracker('Competitors', { count: 4 })]],
  ])('%s is no alarm alone', (_what, trackers) => {
    const { priority, insights } = analyse(callOf([], { trackers }));
    expect(priority).toBe('medium');
    expect(insights.map(({ source }) => source)).toEqual(['gong']);
  });

  it('support what our rules heard, but never make it explicit', () => {
    const turns = ['Marta: We keep it but the usage is low.'];
    const trackers = [tracker('Churn risk', { count: 3 })];
    expect(analyse(callOf(turns, { trackers })).priorityReasons).toEqual(['churn risk 0.58 is worth a look']);
  });

  it('names each competitor with the phrase that was heard, by its id where it is configured', () => {
    const trackers = [
      tracker('Competitors (tracker)', { count: 3, phrases: [phrase('Hub Spot', 2), phrase('Litware')] }),
    ];
    const { insights } = analyse(callOf([], { trackers }));
    expect(insights.map(({ subject, score, stance }) => ({ subject, score, stance }))).toEqual([
      { subject: 'hubspot', score: 0.5, stance: 'mention' },
      { subject: 'Litware', score: 0.25, stance: 'mention' },
    ]);
  });

  it('become tasks and signs with their place in the source', () => {
    const signals = {
      ...NO_SIGNALS,
      highlights: [{ title: 'Next steps', items: [{ text: 'Send the deck', field: 'h[0].items[0].text' }] }],
      keyPoints: [{ text: 'They will not renew in May.', field: 'k[0].text' }],
    };
    const found = analyse(callOf([], { signals })).insights.map(({ kind, source, evidence }) => [
      kind,
      source,
      evidence[0]?.field,
    ]);
    expect(found).toEqual([
      ['action_item', 'gong', 'h[0].items[0].text'],
      ['churn_risk', 'gong', 'k[0].text'],
    ]);
  });
});

describe('the title', () => {
  it('is urgent when it is explicit', () => {
    const { priority, insights } = analyse(callOf([], { title: 'Contoso: Cancellation call' }));
    expect(priority).toBe('urgent');
    expect(insights[0]?.evidence[0]).toMatchObject({ quote: 'Cancellation', field: 'title' });
  });

  it('of an internal meeting threatens nothing', () => {
    expect(analyse(callOf([], { title: 'Churn review Q3', side: 'internal' })).insights).toEqual([]);
  });
});

describe('a mail', () => {
  it('is read without the earlier mails it quotes', () => {
    const { insights } = analyse(
      mailOf(
        'Thanks, all clear.\n\nOn Tue, 3 Mar 2026, Dana Weiss wrote:\n> We want to cancel our subscription.',
      ),
    );
    expect(insights.filter(({ kind }) => kind === 'churn_risk')).toEqual([]);
  });
});

describe('next steps', () => {
  it('answer the insights they cite', () => {
    const { insights, nextSteps } = analyse(
      callOf([
        'Marta: We are not renewing, we signed with Domo.',
        'Dana: I will send you the export by Friday.',
      ]),
    );
    expect(nextSteps.map(({ text, due }) => [text, due])).toEqual([
      ['Agree on an executive call within two business days', '2026-03-13'],
      ['Prepare a comparison with domo, with total cost', '2026-03-16'],
      ['Dana Weiss: I will send you the export by Friday.', '2026-03-13'],
    ]);
    const ids = new Set(insights.map(({ id }) => id));
    for (const { insightIds } of nextSteps) expect(insightIds.every((id) => ids.has(id))).toBe(true);
  });

  it('are never none', () => {
    expect(analyse(callOf([])).nextSteps).toEqual([{ text: 'Confirm the next meeting', insightIds: [] }]);
  });
});

/** Text at a field of the conversations made here. */
function sourceOf(conversation: Conversation, { field }: Evidence): string | undefined {
  if (field === conversation.titleField) return conversation.title ?? undefined;
  const said = conversation.utterances.find((utterance) => utterance.field === field)?.text;
  const tracked = conversation.trackers.flatMap((one) => [
    { field: one.field, text: one.name },
    ...one.phrases,
  ]);
  return said ?? tracked.find((one) => one.field === field)?.text;
}

describe('whatever is said', () => {
  const words = fc.constantFrom(
    ...'we are not renewing cancel the contract Front Clari churn by Friday send you will I can you please İstanbul Zoë 🙂 más uh, uh the, the ... ? ! \n - “quoted” 3.5 e.g. x.ai end of next week seats add fifty more hub spot 名前 it’s won’t'.split(
      ' ',
    ),
  );
  const said = fc.oneof(
    fc.array(words, { maxLength: 30 }).map((all) => all.join(' ')),
    fc.string({ unit: 'binary', maxLength: 60 }),
  );
  const conversations = fc
    .array(fc.tuple(fc.constantFrom('Dana', 'Marta', 'Sam', 'Nobody'), said), { maxLength: 12 })
    .map((turns) =>
      callOf(
        turns.map(([name, text]) => `${name}: ${text}`),
        {
          trackers: [tracker('Churn', { phrases: [phrase('cancel')] })],
          title: 'Expansion and Cancellation',
        },
      ),
    );

  it('every quote stands in its source, every score is 0 to 1, and ids are unique', () => {
    fc.assert(
      fc.property(conversations, (conversation) => {
        const { insights } = analyse(conversation);
        expect(new Set(insights.map(({ id }) => id)).size).toBe(insights.length);
        for (const { evidence, score, ruleset } of insights) {
          expect(score).toBeGreaterThanOrEqual(0);
          expect(score).toBeLessThanOrEqual(1);
          expect(ruleset).toBe(insightRules.current.hash);
          expect(evidence.length).toBeGreaterThan(0);
          for (const one of evidence) {
            expect(one.quote).not.toBe('');
            expect(sourceOf(conversation, one)).toContain(one.quote);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('the same conversation gives the same analysis, in one go and in slices', async () => {
    await fc.assert(
      fc.asyncProperty(conversations, async (conversation) => {
        expect(await engine.analyse(conversation)).toEqual(analyse(conversation));
      }),
      { numRuns: 30 },
    );
  });
});

describe('a two-hour call', () => {
  it('lets others run while it is analysed', async () => {
    const turns = Array.from({ length: 2_000 }, (_, at) =>
      at % 2 === 0
        ? 'Marta: We looked at Clari last week and I will send you the list of users by Friday.'
        : 'Dana: Could you tell me what you would need from us to keep the seats after the renewal?',
    );
    let ticks = 0;
    let isDone = false;
    const tick = () => {
      ticks += 1;
      if (!isDone) setImmediate(tick);
    };
    setImmediate(tick);
    await engine.analyse(callOf(turns));
    isDone = true;
    expect(ticks).toBeGreaterThan(1);
  });
});
