import type { Insight } from '../../contracts/insight.js';
import type { Notification } from '../../contracts/notification.js';
import { alertText } from './alert-text.js';

function insight(overrides: Partial<Insight>): Insight {
  return {
    id: 'insight',
    kind: 'churn_risk',
    score: 0.8,
    ruleset: '0123456789abcdef',
    rules: ['rule'],
    source: 'rules',
    evidence: [],
    ...overrides,
  };
}

function notification(overrides: Partial<Notification>): Notification {
  return {
    v: 1,
    id: 'id',
    type: 'call',
    channel: 'sophia:gong:calls',
    priority: 'urgent',
    vendor: 'gong',
    eventId: 'event',
    correlationId: 'correlation',
    occurredAt: null,
    publishedAt: '2026-03-04T14:30:00.000Z',
    subject: null,
    summary: 'summary',
    insights: [],
    actions: [],
    nextSteps: [],
    ...overrides,
  };
}

describe('the text of an alert', () => {
  it('is about the account, else about the title, else about the vendor', () => {
    const subject = { type: 'call', id: '1', title: 'Renewal', url: 'https://gong.example/1' } as const;
    const account = { id: '2', name: 'Contoso' };
    const of = (about: Notification['subject']) => alertText(notification({ subject: about }));
    expect(of({ ...subject, account })).toMatchObject({ title: 'URGENT call: Contoso', url: subject.url });
    expect(of({ ...subject, account: { id: '2', name: null } }).title).toBe('URGENT call: Renewal');
    expect(of(null)).toMatchObject({ title: 'URGENT call: gong', url: null });
  });

  it('says that it is an update', () => {
    expect(alertText(notification({ supersedes: 'earlier' })).title).toBe('URGENT call (update): gong');
  });

  it('has the error first, then insights with what was said, then the next steps', () => {
    const evidence = [
      { quote: 'we are leaving', speaker: 'Dana', side: 'external', startMs: null, endMs: null, field: 'f' },
    ] as const;
    const { lines } = alertText(
      notification({
        error: { code: 'PAYLOAD.NOT_UNDERSTOOD', stage: 'enrich', message: 'no call' },
        insights: [insight({ evidence }), insight({ kind: 'competitor', subject: 'Fabrikam' })],
        nextSteps: [{ text: 'Call Dana', insightIds: [] }],
      }),
    );
    expect(lines).toEqual([
      'PAYLOAD.NOT_UNDERSTOOD at enrich: no call',
      'churn risk: "we are leaving"',
      'competitor Fabrikam',
      'Next: Call Dana',
    ]);
  });

  it('keeps to few lines, each a short one without breaks, so that nobody writes a header into a mail', () => {
    const nextSteps = Array.from({ length: 20 }, () => ({ text: 'step', insightIds: [] }));
    expect(alertText(notification({ nextSteps })).lines).toHaveLength(8);
    expect(alertText(notification({ summary: 'one\r\nBcc: everybody@example.com' })).summary).toBe(
      'one Bcc: everybody@example.com',
    );
    const { summary } = alertText(notification({ summary: 'x'.repeat(400) }));
    expect([summary.length, summary.at(-1)]).toEqual([300, '…']);
  });
});
