import type { EnrichedRecord, Party } from '../contracts/conversation.js';
import { NO_SIGNALS } from '../contracts/conversation.js';
import type { Analysis, Evidence, Insight, NextStep } from '../contracts/insight.js';
import { taskProposals } from './crm-task.proposals.js';

const PROMISE = 'I will send you the summary by Friday.';
const THREAT = 'We are not going to renew.';

const party = (name: string, side: Party['side'], emailAddress: string | null = null): Party => ({
  ...{ id: null, name, emailAddress, title: null, side, speakerId: null },
});
const PARTIES = [
  party('Sam Okafor', 'internal', 'sam@northwind.example'),
  party('Dana Whitfield', 'external', 'dana@contoso.example'),
];

const said = (quote: string, more: Partial<Evidence> = {}): Evidence => ({
  ...{ quote, speaker: 'Sam Okafor', side: 'internal', startMs: 1000, endMs: 2000, field: 't[0]', ...more },
});

const insight = (id: string, more: Partial<Insight> = {}): Insight => ({
  ...{ id, kind: 'action_item', score: 0.7, ruleset: 'r', rules: [], source: 'rules' },
  evidence: [said(PROMISE)],
  ...more,
});
const OURS = insight('a1', { owner: 'Sam Okafor', due: '2026-12-04' });
const CHURN = insight('c1', { kind: 'churn_risk', evidence: [said(THREAT, { field: 't[1]' })] });

function propose(insights: Insight[], nextSteps: NextStep[] = [], parties = PARTIES, url?: string | null) {
  const utterance = (text: string, turn: number) => ({
    ...{ text, partyIndex: turn, turn, startMs: 1000, endMs: 2000, field: `t[${turn}]` },
  });
  const conversation = {
    ...{ kind: 'call', objectId: '1', title: 'Renewal', titleField: 'title', durationSeconds: 60 },
    ...{ startedAt: null, utcOffsetMinutes: null, side: 'external', parties, trackers: [] },
    utterances: [utterance(`Sure. ${PROMISE}`, 0), utterance(THREAT, 1)],
    signals: NO_SIGNALS,
  };
  const record = {
    conversation,
    subject: { type: 'call', id: '1', title: 'Renewal', url: url ?? null, account: null },
    occurredAt: '2026-11-25T10:00:00.000Z',
  } as unknown as EnrichedRecord;
  const analysis: Analysis = { ruleset: 'r', insights, priority: 'high', priorityReasons: [], nextSteps };
  const account = { id: '689', name: 'Contoso' };
  return taskProposals({ vendor: 'gong', record, analysis, account });
}

describe('what becomes a task in the CRM', () => {
  it('is an action item of ours, under its own id, with its words', () => {
    const step = { text: `Sam Okafor: ${PROMISE}`, insightIds: ['a1'], due: '2026-12-04' };
    const { proposals, leftOut } = propose([OURS], [step], PARTIES, 'https://us-1.app.gong.io/call?id=1');
    expect(leftOut).toEqual({});
    expect(proposals).toEqual([
      {
        task: {
          id: 'a1',
          account: { id: '689', name: 'Contoso' },
          subject: `Sam Okafor: ${PROMISE}`,
          dueDate: '2026-12-04',
          ownerEmail: 'sam@northwind.example',
          quotes: [{ quote: PROMISE, speaker: 'Sam Okafor', side: 'internal', startMs: 1000 }],
          conversation: {
            ...{ kind: 'call', title: 'Renewal', occurredAt: '2026-11-25T10:00:00.000Z' },
            url: 'https://us-1.app.gong.io/call?id=1',
          },
        },
        grounds: { priority: 'high', insights: [], actions: [OURS], nextSteps: [step] },
      },
    ]);
  });

  it.each([
    ['the customer has to do', { ...OURS, owner: 'Dana Whitfield' }, 'notOurs'],
    ['nobody is named for', insight('a1'), 'notOurs'],
    ['somebody has to do who was not there', { ...OURS, owner: 'Kim' }, 'notOurs'],
    ['may be talk', { ...OURS, score: 0.49 }, 'unsure'],
    ['has no evidence', { ...OURS, evidence: [] }, 'noQuote'],
    ['has an empty quote', { ...OURS, evidence: [said(' ')] }, 'noQuote'],
    [
      'has a quote that nobody said',
      { ...OURS, evidence: [said('I will send you the summary.')] },
      'noQuote',
    ],
    ['has a quote of another place', { ...OURS, evidence: [said(PROMISE, { field: 't[1]' })] }, 'noQuote'],
    [
      'only the analysis of the vendor knows',
      { ...OURS, evidence: [said('Renewal', { field: 'title' })] },
      'noQuote',
    ],
  ] as const)('is nothing that %s', (_what, action, reason) => {
    expect(propose([action])).toEqual({ proposals: [], leftOut: { [reason]: 1 } });
  });

  it('is nothing of somebody whose name two people have', () => {
    const parties = [...PARTIES, party('Sam Okafor', 'external')];
    expect(propose([OURS], [], parties).leftOut).toEqual({ notOurs: 1 });
  });

  it('has only a link to a page of the vendor', () => {
    const { proposals } = propose([OURS], [], PARTIES, 'https://gong.io.attacker.example/call');
    expect(proposals[0]?.task.conversation.url).toBeNull();
  });

  it('keeps of several quotes those that were said', () => {
    const evidence = [said('never said'), said(PROMISE), said('Sure.')];
    const { proposals } = propose([{ ...OURS, evidence }]);
    expect(proposals[0]?.task.quotes.map(({ quote }) => quote)).toEqual([PROMISE, 'Sure.']);
  });

  it('is a next step that answers another insight, for whoever owns the account', () => {
    const step = { text: 'Agree on an executive call', insightIds: ['c1'], due: '2026-11-27' };
    const { proposals } = propose([CHURN], [step]);
    expect(proposals).toMatchObject([
      {
        task: { subject: step.text, dueDate: step.due, ownerEmail: null, quotes: [{ quote: THREAT }] },
        grounds: { insights: [CHURN], actions: [], nextSteps: [step] },
      },
    ]);
    expect(proposals[0]?.task.id).toMatch(/^[0-9a-f]{40}$/);
  });

  it('is the same step with another due date, and another one with another text', () => {
    const idOf = (step: NextStep) => propose([CHURN], [step]).proposals[0]?.task.id;
    const step = { text: 'Agree on an executive call', insightIds: ['c1'], due: '2026-11-27' };
    expect(idOf({ ...step, due: '2026-11-30' })).toBe(idOf(step));
    expect(idOf({ ...step, text: 'Agree on a plan' })).not.toBe(idOf(step));
  });

  it('is no step without evidence, and none that repeats or reminds of an action item', () => {
    const theirs = insight('a2', { owner: 'Dana Whitfield' });
    const { proposals, leftOut } = propose(
      [OURS, theirs],
      [
        { text: 'Confirm the next meeting', insightIds: [] },
        { text: 'Sam Okafor: ...', insightIds: ['a1'] },
        { text: 'Remind Dana Whitfield: ...', insightIds: ['a2'] },
      ],
    );
    expect(proposals.map(({ task }) => task.id)).toEqual(['a1']);
    expect(leftOut).toEqual({ notOurs: 1, noQuote: 1 });
  });
});
