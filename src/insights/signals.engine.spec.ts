import fc from 'fast-check';
import { type Conversation, NO_SIGNALS, type TrackerHit } from '../contracts/conversation.js';
import { SignalsEngine } from './signals.engine.js';

const engine = new SignalsEngine();

const conversation = (more: Partial<Conversation> = {}): Conversation => ({
  kind: 'call',
  objectId: '8123456789012345671',
  title: 'Northwind / Contoso - weekly',
  titleField: 'callData.metaData.title',
  durationSeconds: 1834,
  startedAt: null,
  utcOffsetMinutes: null,
  side: 'external',
  parties: [],
  trackers: [],
  utterances: [],
  signals: NO_SIGNALS,
  ...more,
});

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

describe('SignalsEngine', () => {
  it('names each competitor with the phrase that was heard', () => {
    const trackers = [
      tracker('Competitors (tracker)', { count: 3, phrases: [phrase('Fabrikam', 2), phrase('Litware')] }),
    ];
    const { insights } = engine.analyse(conversation({ trackers }));
    expect(insights.map(({ kind, subject, score, stance }) => ({ kind, subject, score, stance }))).toEqual([
      { kind: 'competitor', subject: 'Fabrikam', score: 0.5, stance: 'mention' },
      { kind: 'competitor', subject: 'Litware', score: 0.25, stance: 'mention' },
    ]);
    expect(insights[0]?.evidence).toEqual([
      {
        quote: 'Fabrikam',
        speaker: null,
        side: 'unknown',
        startMs: null,
        endMs: null,
        field: phrase('').field,
      },
    ]);
  });

  it.each([
    ['one hit of a keyword tracker is noise', [tracker('Churn risk')], 'medium'],
    ['two hits are worth a look', [tracker('Churn risk', { count: 2 })], 'high'],
    ['a smart tracker judges meaning', [tracker('Churn risk', { type: 'SMART' })], 'high'],
    ['a competitor alone is no alarm', [tracker('Competitors', { count: 4 })], 'medium'],
  ])('%s', (_why, trackers, priority) => {
    expect(engine.analyse(conversation({ trackers })).priority).toBe(priority);
  });

  it('makes an explicit title urgent, even when the call was short', () => {
    const { priority, priorityReasons } = engine.analyse(
      conversation({ title: 'Contoso: Cancellation call', durationSeconds: 120 }),
    );
    expect(priority).toBe('urgent');
    expect(priorityReasons).toEqual(['churn risk 0.60 is explicit']);
  });

  it('does not fear an internal meeting about churn', () => {
    expect(engine.analyse(conversation({ title: 'Churn review Q3', side: 'internal' })).insights).toEqual([]);
  });

  it('makes a short call without a sign low', () => {
    expect(engine.analyse(conversation({ durationSeconds: 90 })).priority).toBe('low');
  });

  it('cites its insights in every next step', () => {
    const trackers = [
      tracker('Churn risk', { count: 2 }),
      tracker('Competitors', { phrases: [phrase('Fabrikam')] }),
    ];
    const { insights, nextSteps } = engine.analyse(conversation({ trackers }));
    expect(nextSteps.map(({ text }) => text)).toEqual([
      'Agree on an executive call within two business days',
      'Prepare a comparison with Fabrikam',
    ]);
    const ids = new Set(insights.map(({ id }) => id));
    for (const step of nextSteps) expect(step.insightIds.every((id) => ids.has(id))).toBe(true);
  });

  it('quotes nothing that is not in its source, and gives the same input the same ids', () => {
    const words = fc.constantFrom(
      'churn',
      'Cancellation',
      'expansion',
      'weekly',
      'Zoë',
      'termination',
      'İstanbul',
      '🙂',
    );
    fc.assert(
      fc.property(
        fc.array(words, { maxLength: 8 }),
        fc.array(fc.string({ minLength: 1 }), { maxLength: 4 }),
        (title, phrases) => {
          const trackers = [
            tracker('Churn', { phrases: phrases.map((text) => phrase(text)) }),
            tracker('Competitors', { phrases: phrases.map((text) => phrase(text)) }),
          ];
          const input = conversation({ title: title.join(' '), trackers });
          const { insights } = engine.analyse(input);
          const sources = [input.title ?? '', ...phrases, ...trackers.map(({ name }) => name)];
          for (const { quote } of insights.flatMap(({ evidence }) => evidence)) {
            expect(sources.some((source) => source.includes(quote))).toBe(true);
          }
          expect(engine.analyse(input)).toEqual(engine.analyse(input));
        },
      ),
    );
  });
});
