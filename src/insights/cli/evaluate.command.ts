import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { loadRules } from '../loading/rule-files.js';
import type { RuleSet } from '../rules/rule-set.js';
import { readCallLines } from './call-line.js';
import { type Counts, qualityOf } from './metrics.js';
import {
  bankingUtterances,
  intentSentences,
  natcsUtterances,
  ratedTexts,
  senti4sdTexts,
} from './public-sets.js';
import { type CallScores, scoreCalls, type Share } from './score-calls.js';
import { scoreAsks, scoreChurn, scoreRatings, scoreSentiment } from './score-texts.js';

/** One line of the report. */
export interface ReportRow {
  readonly data: string;
  readonly task: string;
  readonly cases: number;
  readonly precision?: number;
  readonly recall?: number;
  readonly f1?: number;
  /** Share of right answers, or Pearson's r. */
  readonly value?: number;
  readonly baseline?: { readonly precision: number; readonly recall: number; readonly f1: number };
}

/**
 * Measures the engine on every labelled file under DIR that it knows the form of: calls as in
 * config/insights/README.md, NatCS, BANKING77, EmailIntentDataSet, VADER's rated texts, Senti4SD.
 */
export async function evaluateFolder(
  folder: string,
  rulesFolder: string,
  jsonPath: string | undefined,
): Promise<void> {
  const rules = loadRules(rulesFolder);
  const rows = evaluate(folder, rules);
  if (rows.length === 0) throw new Error(`no labelled data that is known was found in ${folder}`);
  process.stdout.write(`ruleset ${rules.hash}\n\n${table(rows)}\n`);
  if (jsonPath !== undefined) {
    writeFileSync(jsonPath, `${JSON.stringify({ ruleset: rules.hash, rows }, null, 2)}\n`);
  }
}

export function evaluate(folder: string, rules: RuleSet): ReportRow[] {
  return filesUnder(folder).flatMap((path) => {
    const text = readFileSync(path, 'utf8');
    const read = READERS.find(({ isFor }) => isFor(text.slice(0, 4096)));
    const data = relative(folder, path) || path;
    return read === undefined ? [] : read.rows(text, rules).map((row) => ({ ...row, data }));
  });
}

function filesUnder(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => join(path, name))
    .filter((file) => statSync(file).isFile() && /\.(jsonl|csv|tsv|txt)$/.test(file));
}

type Row = Omit<ReportRow, 'data'>;

/** How each known form is recognised by its beginning, and measured. */
const READERS: readonly {
  readonly isFor: (head: string) => boolean;
  readonly rows: (text: string, rules: RuleSet) => Row[];
}[] = [
  { isFor: (head) => head.startsWith('{') && head.includes('"turns"'), rows: callRows },
  {
    isFor: (head) => head.startsWith('{') && head.includes('"utterance"') && head.includes('"intent"'),
    rows: (text, rules) => scoreChurn(natcsUtterances(text), rules),
  },
  {
    isFor: (head) => head.startsWith('text,category'),
    rows: (text, rules) => scoreChurn(bankingUtterances(text), rules),
  },
  {
    isFor: (head) => /^(Yes|No)\t/.test(head),
    rows: (text, rules) => scoreAsks(intentSentences(text), rules),
  },
  {
    isFor: (head) => /^\d+(_\d+)?\t-?\d/.test(head),
    rows: (text, rules) => scoreRatings(ratedTexts(text), rules),
  },
  {
    isFor: (head) => /^t\d+;(negative|neutral|positive);/i.test(head),
    rows: (text, rules) => scoreSentiment(senti4sdTexts(text), rules),
  },
];

function callRows(text: string, rules: RuleSet): Row[] {
  const calls = readCallLines(text).flatMap((call) =>
    call.labels === null ? [] : [{ ...call, labels: call.labels }],
  );
  return calls.length === 0 ? [] : rowsOf(scoreCalls(calls, rules));
}

function rowsOf(scores: CallScores): Row[] {
  const { baseline, calls, hours, churn } = scores;
  return [
    countsRow('competitor, by turn', scores.competitor, baseline.competitor),
    shareRow('stance', scores.stance),
    countsRow('churn >= 0.3, by call', churn, baseline.churn),
    { task: 'false churn alarms per hour', cases: calls, value: hours === 0 ? 0 : churn.wrong / hours },
    shareRow('churn level (none, weak, strong)', scores.churnLevel),
    countsRow('upsell, by call', scores.upsell, baseline.upsell),
    countsRow('action items, by turn', scores.action, baseline.action),
    shareRow('owner of those found', scores.owner),
    shareRow('due date of those found', scores.due),
    shareRow('sentiment of the external side', scores.sentiment),
    shareRow('priority', scores.priority),
  ];
}

export function countsRow(task: string, counts: Counts, baseline: Counts): Row {
  const { precision, recall, f1 } = qualityOf(counts);
  const { precision: p, recall: r, f1: f } = qualityOf(baseline);
  const cases = counts.right + counts.missed;
  return { task, cases, precision, recall, f1, baseline: { precision: p, recall: r, f1: f } };
}

function shareRow(task: string, { right, of }: Share): Row {
  return { task, cases: of, value: of === 0 ? 1 : right / of };
}

/** The rows as a Markdown table. */
function table(rows: readonly ReportRow[]): string {
  const cell = (value: number | undefined) => (value === undefined ? '' : value.toFixed(3));
  const lines = rows.map(({ data, task, cases, precision, recall, f1, value, baseline }) => {
    const keyword =
      baseline === undefined
        ? ''
        : `${cell(baseline.precision)} / ${cell(baseline.recall)} / ${cell(baseline.f1)}`;
    const cells = [data, task, String(cases), cell(precision), cell(recall), cell(f1 ?? value), keyword];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    '| data | task | cases | precision | recall | F1, or the share right | keywords: P / R / F1 |',
    '|---|---|---|---|---|---|---|',
    ...lines,
  ].join('\n');
}
