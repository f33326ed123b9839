import type { AlertRule, AlertSettings } from '../../contracts/alert.js';
import type { Insight } from '../../contracts/insight.js';
import type { Notification } from '../../contracts/notification.js';
import { alertAddressesOf } from './alert-rules.js';

const churn: Insight = {
  id: 'c',
  kind: 'churn_risk',
  score: 0.7,
  ruleset: 'r',
  rules: [],
  source: 'rules',
  evidence: [],
};

const message: Notification = {
  v: 1,
  id: 'id',
  type: 'call',
  channel: 'sophia:gong:calls',
  priority: 'high',
  vendor: 'gong',
  eventId: 'e',
  correlationId: 'c',
  occurredAt: null,
  publishedAt: '2026-11-25T00:00:00.000Z',
  subject: { type: 'call', id: '1', title: null, url: null, account: { id: '42', name: 'Acme' } },
  summary: 's',
  insights: [churn],
  actions: [],
  nextSteps: [],
};

const RULE: AlertRule = { name: 'r', types: ['call'], targets: ['a'] };

function addresses(...rules: AlertRule[]): string[] {
  const settings: AlertSettings = {
    rules,
    retrySeconds: [],
    targets: ['a', 'b'].map((name) => ({ type: 'slack', name, url: 'https://a.example' })),
  };
  return alertAddressesOf(settings, message).map(({ type, name }) => `${type} ${name}`);
}

describe('alert rules', () => {
  it.each([
    ['a type', RULE],
    ['a priority', { ...RULE, priorities: ['urgent', 'high'] as const }],
    ['an account by its id', { ...RULE, accounts: ['42'] }],
    ['an account by its name', { ...RULE, accounts: ['acme'] }],
    ['an insight', { ...RULE, insights: ['churn_risk'] as const }],
    ['an insight with its score', { ...RULE, insights: ['churn_risk'] as const, minScore: 0.7 }],
    ['a score', { ...RULE, minScore: 0.5 }],
  ])('apply to %s', (_what, rule) => {
    expect(addresses(rule)).toEqual(['slack a']);
  });

  it.each([
    ['type', { ...RULE, types: ['email'] as const }],
    ['priority', { ...RULE, priorities: ['urgent'] as const }],
    ['account', { ...RULE, accounts: ['43'] }],
    ['insight', { ...RULE, insights: ['upsell'] as const }],
    ['score', { ...RULE, insights: ['churn_risk'] as const, minScore: 0.8 }],
    ['score of that insight', { ...RULE, insights: ['upsell'] as const, minScore: 0.1 }],
  ])('do not apply to another %s', (_what, rule) => {
    expect(addresses(rule)).toEqual([]);
  });

  it('name a target once, however many apply', () => {
    expect(addresses(RULE, { ...RULE, targets: ['b', 'a'] })).toEqual(['slack a', 'slack b']);
  });
});
