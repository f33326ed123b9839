import type { Analysis, Insight } from '../../contracts/insight.js';
import { churnScore } from '../rules/priority.rule.js';
import { analyseNow } from '../rules.engine.js';
import type { RuleSet } from '../rules/rule-set.js';
import { hasKeyword } from './keyword-baseline.js';
import { correlation, countsOf, qualityOf } from './metrics.js';
import { mailOf, utteranceOf } from './texts.js';

interface TextRow {
  readonly task: string;
  readonly cases: number;
  readonly precision?: number;
  readonly recall?: number;
  readonly f1?: number;
  readonly value?: number;
  readonly baseline?: { readonly precision: number; readonly recall: number; readonly f1: number };
}

/** Single utterances, each as a conversation of its own. */
export function scoreChurn(
  utterances: readonly { readonly text: string; readonly isChurn: boolean }[],
  rules: RuleSet,
): TextRow[] {
  const found = (text: string) =>
    churnScore(analyseNow(utteranceOf(text), rules).insights) >= rules.thresholds.highChurn;
  return [
    compared(
      'churn >= 0.3, single utterances',
      'churn',
      utterances.map(({ text, isChurn }) => [text, isChurn]),
      found,
    ),
  ];
}

/** Single sentences of mails: whether anything is asked for or promised. */
export function scoreAsks(
  sentences: readonly { readonly text: string; readonly isAsk: boolean }[],
  rules: RuleSet,
): TextRow[] {
  const found = (text: string) =>
    analyseNow(mailOf(text), rules).insights.some(
      ({ kind, score }) => kind === 'action_item' && score >= rules.thresholds.ask,
    );
  return [
    compared(
      'asks in e-mails',
      'ask',
      sentences.map(({ text, isAsk }) => [text, isAsk]),
      found,
    ),
  ];
}

export function scoreRatings(
  texts: readonly { readonly text: string; readonly rating: number }[],
  rules: RuleSet,
): TextRow[] {
  const pairs = texts.map(
    ({ text, rating }) => [signed(analyseNow(utteranceOf(text), rules)), rating] as const,
  );
  return [{ task: "sentiment, Pearson's r with 20 raters", cases: pairs.length, value: correlation(pairs) }];
}

export function scoreSentiment(
  texts: readonly { readonly text: string; readonly label: string }[],
  rules: RuleSet,
): TextRow[] {
  const labels = texts.map(({ text, label }) => {
    const found = sentimentOf(analyseNow(utteranceOf(text), rules))?.label;
    return [found === 'negative', label === 'negative'] as const;
  });
  return [{ task: 'negative sentiment', cases: labels.length, ...quality(labels) }];
}

function compared(
  task: string,
  keywords: 'churn' | 'ask',
  cases: readonly (readonly [text: string, isTrue: boolean])[],
  found: (text: string) => boolean,
): TextRow {
  const own = quality(cases.map(([text, isTrue]) => [found(text), isTrue]));
  const baseline = quality(cases.map(([text, isTrue]) => [hasKeyword(keywords, text), isTrue]));
  return { task, cases: cases.length, ...own, baseline };
}

function quality(pairs: readonly (readonly [boolean, boolean])[]) {
  const { precision, recall, f1 } = qualityOf(countsOf(pairs));
  return { precision, recall, f1 };
}

function sentimentOf({ insights }: Analysis): Insight | undefined {
  return insights.find(({ kind }) => kind === 'sentiment');
}

/** -1 to 1. */
function signed(analysis: Analysis): number {
  const { label, score } = sentimentOf(analysis) ?? { label: 'neutral', score: 0 };
  return label === 'negative' ? -score : label === 'positive' ? score : 0;
}
