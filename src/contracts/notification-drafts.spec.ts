import type { Analysis, Insight } from './insight.js';
import { accountDraft, conversationDrafts, type DraftContext } from './notification-drafts.js';

const CONTEXT: DraftContext = {
  vendor: 'gong',
  eventId: 'event',
  changeId: 'call:1',
  correlationId: 'correlation',
  occurredAt: null,
  subject: { type: 'call', id: '1', title: null, url: null, account: null },
};

const insight = (id: string, kind: Insight['kind']): Insight => ({
  id,
  kind,
  score: 0.7,
  ruleset: 'r',
  rules: ['rule'],
  source: 'rules',
  evidence: [],
});

const analysis = (insights: Insight[], priority: Analysis['priority'] = 'medium'): Analysis => ({
  ruleset: 'r',
  insights,
  priority,
  priorityReasons: [],
  nextSteps: [
    { text: 'send the offer', insightIds: ['a'] },
    { text: 'call them', insightIds: ['c'] },
  ],
});

describe('what a conversation says', () => {
  const drafts = conversationDrafts(
    CONTEXT,
    'call',
    'a call',
    analysis([insight('c', 'churn_risk'), insight('a', 'action_item')]),
  );

  it('is itself, each insight and each action, each on its channel', () => {
    expect(drafts.map(({ channel, message }) => [channel, message.type])).toEqual([
      ['gong:calls', 'call'],
      ['gong:insights', 'insight'],
      ['gong:actions', 'action'],
    ]);
  });

  it('gives an action only the steps that answer it', () => {
    expect(drafts[2]?.message.nextSteps).toEqual([{ text: 'send the offer', insightIds: ['a'] }]);
    expect(drafts[2]?.message.actions.map(({ id }) => id)).toEqual(['a']);
  });

  it('has its insights as news, so that a late one is told', () => {
    expect(drafts[0]?.news).toEqual(['call', 'c', 'a']);
    expect(drafts.slice(1).map(({ news }) => news)).toEqual([['c'], ['a']]);
  });

  it.each([
    ['high', ['call', 'priority high']],
    ['urgent', ['call', 'priority high', 'priority urgent']],
    ['low', ['call']],
  ] as const)('has as news that it became %s', (priority, news) => {
    expect(conversationDrafts(CONTEXT, 'call', 's', analysis([], priority))[0]?.news).toEqual(news);
  });

  it('says nothing of a withheld conversation but that there was one', () => {
    const [only, ...others] = conversationDrafts(CONTEXT, 'call', 'withheld', null);
    expect(others).toEqual([]);
    expect(only?.message).toMatchObject({ insights: [], actions: [], nextSteps: [], priority: 'low' });
  });
});

describe('a change of an account', () => {
  it('is one message on the channel of accounts, and others only when they say something else', () => {
    const context = {
      ...CONTEXT,
      vendor: 'zoho' as const,
      subject: { ...CONTEXT.subject, type: 'account' as const },
    };
    const said = { summary: 'Health_Score fell', priority: 'high' as const };
    expect(accountDraft(context, said)).toMatchObject({ channel: 'zoho:accounts', news: ['account'] });
    expect(accountDraft(context, said, ['owner']).news).toEqual(['account', 'owner']);
  });
});
