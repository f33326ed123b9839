import { resolve } from 'node:path';
import { callOf } from '../../test/factories/conversation.factory.js';
import { AppConfig } from '../config/app-config.js';
import type { Conversation } from '../contracts/conversation.js';
import { InsightRules } from './insight-rules.js';
import type { ModelFinding } from './rules/model-finding.js';
import { analyseInSlices, withReview } from './rules.engine.js';

const folder = resolve(__dirname, '../../config/insights');
const rules = new InsightRules(Object.assign(new AppConfig(), { INSIGHT_RULES_DIR: folder })).current;
const USED = { model: 'm', tokens: 1, isKnown: false };

const finding = (kind: ModelFinding['kind'], more: Partial<ModelFinding> = {}): ModelFinding => ({
  ...{ kind, sentenceIds: [0], score: 0.9, subject: null, stance: null, owner: null },
  ...more,
});

/** What becomes of a call of which a model has found this. */
async function review(conversation: Conversation, ...findings: ModelFinding[]) {
  const { view, analysis } = await analyseInSlices(conversation, rules);
  const together = withReview(analysis, view, { findings, dropped: 0 }, rules, USED);
  const added = together.insights.filter(({ source }) => source === 'llm');
  return { byRules: analysis, together, added, review: together.review };
}

const rain = callOf(['Marta: It rained all week here.', 'Dana: It did, and by Friday it will be dry.']);

describe('what a language model finds', () => {
  it('is added with a quote of ours and a score under its cap', async () => {
    const { added } = await review(rain, finding('churn_risk', { score: 1 }));
    expect(added).toMatchObject([
      { kind: 'churn_risk', rules: ['llm.churn-risk'], evidence: [{ quote: 'It rained all week here.' }] },
    ]);
    expect(added[0]?.score).toBe(rules.modelCaps.maxAdded);
  });

  it.each([
    ['that names no sentence', finding('churn_risk', { sentenceIds: [] })],
    ['that names a sentence that is not there', finding('churn_risk', { sentenceIds: [99] })],
    ['that it hardly believes itself', finding('churn_risk', { score: 0 })],
    ['that only we have said', finding('upsell', { sentenceIds: [1] })],
    ['about a competitor that nobody knows', finding('competitor', { subject: 'nobody' })],
    ['about a competitor without a name', finding('competitor')],
  ])('is dropped and counted where it is a finding %s', async (_what, found) => {
    const { added, review: counts, together, byRules } = await review(rain, found);
    expect([added, counts]).toEqual([[], { ...USED, added: 0, raised: 0, dropped: 1 }]);
    expect(together.insights).toEqual(byRules.insights);
    expect(together.priority).toBe(byRules.priority);
  });

  it('is one insight where it says the same of one sentence twice', async () => {
    const [first] = rules.competitors;
    const same = finding('competitor', { subject: first?.id ?? '' });
    const { added, review: counts } = await review(rain, same, same);
    expect(added).toMatchObject([{ kind: 'competitor', stance: 'mention' }]);
    expect(counts.added).toBe(1);
  });

  it('has of a task the owner that it names, and the day that we read', async () => {
    const { added } = await review(rain, finding('action_item', { sentenceIds: [1], owner: 0 }));
    expect(added).toMatchObject([{ kind: 'action_item', owner: 'Dana Weiss', due: '2026-03-13' }]);
  });

  it.each([
    ['nobody', { owner: null }, undefined],
    ['somebody who was not there', { owner: 99 }, undefined],
  ])('has of a task no owner where it names %s', async (_whom, more, owner) => {
    const { added } = await review(rain, finding('action_item', more));
    expect(added[0]?.owner).toBe(owner);
    expect(added[0]?.due).toBeUndefined();
  });

  it('has no day of a task where it is not known which day it was', async () => {
    const found = finding('action_item', { sentenceIds: [1] });
    const { added } = await review({ ...rain, startedAt: null }, found);
    expect(added).toHaveLength(1);
    expect(added[0]?.due).toBeUndefined();
  });

  it('has the address of an owner without a name', async () => {
    const parties = rain.parties.map((party) => ({ ...party, name: null, emailAddress: 'dana@x.example' }));
    const { added } = await review({ ...rain, parties }, finding('action_item', { owner: 0 }));
    expect(added[0]?.owner).toBe('dana@x.example');
  });

  it('raises what the rules have found by the cap, and never lowers it', async () => {
    const threat = callOf(['Marta: Hardly anyone uses it.', 'Marta: It rained.']);
    const scoreOf = (insights: readonly { kind: string; score: number }[]) =>
      insights.find(({ kind }) => kind === 'churn_risk')?.score ?? 0;
    const up = await review(threat, finding('churn_risk', { sentenceIds: [1], score: 1 }));
    expect(scoreOf(up.together.insights)).toBeCloseTo(
      scoreOf(up.byRules.insights) + rules.modelCaps.maxRaise,
    );
    expect(up.review).toMatchObject({ added: 0, raised: 1 });
    const down = await review(threat, finding('churn_risk', { score: rules.modelCaps.minScore }));
    expect(down.together.insights).toEqual(down.byRules.insights);
    expect(down.review).toMatchObject({ added: 0, raised: 0, dropped: 0 });
  });

  it('is of a competitor the same insight only where it names the same one in the same sentence', async () => {
    const named = callOf(['Marta: Our tickets are in Zendesk.', 'Marta: It rained.']);
    const subject = (await review(named)).byRules.insights.find(({ kind }) => kind === 'competitor')?.subject;
    const other = rules.competitors.find(({ id }) => id !== subject)?.id ?? '';
    const of = (more: Partial<ModelFinding>) => review(named, finding('competitor', { score: 0.4, ...more }));
    expect((await of({ subject: subject ?? '' })).added).toEqual([]);
    expect((await of({ subject: other })).added).toMatchObject([{ subject: other }]);
    expect((await of({ subject: subject ?? '', sentenceIds: [1] })).added).toMatchObject([{ subject }]);
  });

  it('makes a call one step more pressing at most, and nothing urgent', async () => {
    const short = callOf(['Marta: Thanks, bye.'], { durationSeconds: 120 });
    const { byRules, together } = await review(short, finding('churn_risk', { score: 1 }));
    expect([byRules.priority, together.priority]).toEqual(['low', 'medium']);
    expect(together.priorityReasons.at(-1)).toContain('language model');
  });
});
