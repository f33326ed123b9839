import { resolve } from 'node:path';
import { evaluate, type ReportRow } from '../../../src/insights/cli/evaluate.command.js';
import { loadRules } from '../../../src/insights/loading/rule-files.js';

const ROOT = resolve(__dirname, '../../..');

/**
 * The figures of the README, rounded down: no change of the rules may let them fall unnoticed. But for those kept
 * aside the data are development data, which say what the engine has learned and not how it does on calls it never saw.
 */
const AT_LEAST: readonly [data: string, task: string, figure: number][] = [
  ['b2b_calls/calls.jsonl', 'competitor, by turn', 0.99],
  ['b2b_calls/calls.jsonl', 'stance', 0.99],
  ['b2b_calls/calls.jsonl', 'churn >= 0.3, by call', 0.95],
  ['b2b_calls/calls.jsonl', 'churn level (none, weak, strong)', 0.95],
  ['b2b_calls/calls.jsonl', 'upsell, by call', 0.9],
  ['b2b_calls/calls.jsonl', 'action items, by turn', 0.98],
  ['b2b_calls/calls.jsonl', 'owner of those found', 0.95],
  ['b2b_calls/calls.jsonl', 'due date of those found', 0.95],
  ['b2b_calls/calls.jsonl', 'priority', 0.95],
  ['b2b_calls/calls.jsonl', 'sentiment of the external side', 0.6],
  ['b2b_rounds/round-a.jsonl', 'competitor, by turn', 0.99],
  ['b2b_rounds/round-a.jsonl', 'stance', 0.95],
  ['b2b_rounds/round-a.jsonl', 'churn >= 0.3, by call', 0.99],
  ['b2b_rounds/round-a.jsonl', 'churn level (none, weak, strong)', 0.99],
  ['b2b_rounds/round-a.jsonl', 'upsell, by call', 0.99],
  ['b2b_rounds/round-a.jsonl', 'action items, by turn', 0.95],
  ['b2b_rounds/round-a.jsonl', 'due date of those found', 0.9],
  ['b2b_rounds/round-a.jsonl', 'priority', 0.99],
  ['b2b_rounds/round-b.jsonl', 'competitor, by turn', 0.95],
  ['b2b_rounds/round-b.jsonl', 'stance', 0.95],
  ['b2b_rounds/round-b.jsonl', 'churn >= 0.3, by call', 0.99],
  ['b2b_rounds/round-b.jsonl', 'churn level (none, weak, strong)', 0.99],
  ['b2b_rounds/round-b.jsonl', 'upsell, by call', 0.99],
  ['b2b_rounds/round-b.jsonl', 'action items, by turn', 0.94],
  ['b2b_rounds/round-b.jsonl', 'priority', 0.99],
  ['b2b_rounds/round-c.jsonl', 'stance', 0.95],
  ['b2b_rounds/round-c.jsonl', 'churn >= 0.3, by call', 0.99],
  ['b2b_rounds/round-c.jsonl', 'churn level (none, weak, strong)', 0.99],
  ['b2b_rounds/round-c.jsonl', 'action items, by turn', 0.89],
  ['b2b_rounds/round-c.jsonl', 'priority', 0.99],
  ['b2b_authors/author-e.jsonl', 'competitor, by turn', 0.97],
  ['b2b_authors/author-e.jsonl', 'stance', 0.79],
  ['b2b_authors/author-e.jsonl', 'churn >= 0.3, by call', 0.9],
  ['b2b_authors/author-e.jsonl', 'action items, by turn', 0.83],
  ['b2b_authors/author-f.jsonl', 'competitor, by turn', 0.96],
  ['b2b_authors/author-f.jsonl', 'stance', 0.93],
  ['b2b_authors/author-f.jsonl', 'churn >= 0.3, by call', 0.86],
  ['b2b_authors/author-f.jsonl', 'action items, by turn', 0.85],
  ['b2b_authors/author-g.jsonl', 'competitor, by turn', 0.98],
  ['b2b_authors/author-g.jsonl', 'stance', 0.79],
  ['b2b_authors/author-g.jsonl', 'churn >= 0.3, by call', 0.93],
  ['b2b_kept_aside/author-h.jsonl', 'competitor, by turn', 0.98],
  ['b2b_kept_aside/author-h.jsonl', 'stance', 0.62],
  ['b2b_kept_aside/author-h.jsonl', 'churn >= 0.3, by call', 0.68],
  ['b2b_kept_aside/author-h.jsonl', 'action items, by turn', 0.83],
  ['b2b_kept_aside/author-p.jsonl', 'competitor, by turn', 0.99],
  ['b2b_kept_aside/author-p.jsonl', 'stance', 0.61],
  ['b2b_kept_aside/author-p.jsonl', 'churn >= 0.3, by call', 0.87],
  ['b2b_kept_aside/author-p.jsonl', 'action items, by turn', 0.81],
  ['b2b_kept_aside/author-p.jsonl', 'due date of those found', 0.88],
  ['b2b_kept_aside/author-q.jsonl', 'competitor, by turn', 0.99],
  ['b2b_kept_aside/author-q.jsonl', 'stance', 0.5],
  ['b2b_kept_aside/author-q.jsonl', 'churn >= 0.3, by call', 0.75],
  ['b2b_kept_aside/author-q.jsonl', 'action items, by turn', 0.86],
  ['b2b_kept_aside/author-q.jsonl', 'due date of those found', 0.9],
  ['natcs/development.jsonl', 'churn >= 0.3, single utterances', 0.96],
  ['banking77/train.csv', 'churn >= 0.3, single utterances', 0.95],
  ['emailintent/train.txt', 'asks in e-mails', 0.9],
  ['vader/amazonReviewSnippets_GroundTruth.txt', "sentiment, Pearson's r with 20 raters", 0.61],
];

describe('the quality on the labelled data', () => {
  let rows: readonly ReportRow[] = [];
  beforeAll(() => {
    rows = evaluate(resolve(ROOT, 'test/fixtures/insights'), loadRules(resolve(ROOT, 'config/insights')));
  });

  it.each(AT_LEAST)('of %s, %s is at least %d', (data, task, figure) => {
    const row = rows.find((one) => one.data === data && one.task === task);
    expect(row?.f1 ?? row?.value).toBeGreaterThanOrEqual(figure);
  });

  it('has no false churn alarm in the calls with which the rules were first written', () => {
    const alarms = rows.filter(({ task }) => task === 'false churn alarms per hour');
    const first = alarms.filter(({ data }) => /^b2b_(calls|rounds)\//.test(data));
    expect(first.map(({ value }) => value)).toEqual([0, 0, 0, 0]);
  });

  it('is better than keywords wherever both are measured', () => {
    const compared = rows.filter(({ baseline }) => baseline !== undefined);
    expect(compared.length).toBeGreaterThan(4);
    for (const { f1, baseline } of compared) expect(f1).toBeGreaterThan(baseline?.f1 ?? 1);
  });
});
