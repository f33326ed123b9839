import type { DayOutcome } from './day-outcome.js';
import type { HeardMessage } from './notifications-listener.js';
import { histogramQuantile, parseMetrics, type Sample, totalsBy } from './prometheus-text.js';

export interface ReportFacts {
  readonly outcome: DayOutcome;
  readonly messages: readonly HeardMessage[];
  readonly prefix: string;
  /** Text of `GET /metrics`. */
  readonly metrics: string;
  readonly baseUrl: string;
  /** What the vendors were asked for, and what memory holds. */
  readonly asked: {
    readonly gongRequests: number;
    readonly zohoRequests: number;
    readonly accounts: number;
    readonly remembered: number;
  };
}

type Line = readonly [name: string, value: string];

const NAME_WIDTH = 34;

/** The demo's table. */
export function report({ outcome, messages, prefix, metrics, baseUrl, asked }: ReportFacts): string {
  const samples = parseMetrics(metrics);
  const { received, counts } = outcome;
  const callMessages = messages.filter(({ heardOn }) => heardOn === `${prefix}:gong:calls`);
  const kinds = callMessages.flatMap(({ insights }) => insights.map(({ kind }) => kind));
  return [
    section('webhooks', [
      ['received', String(received)],
      ...Object.entries(counts).map(([name, count]): Line => [name, String(count)]),
    ]),
    section('rows written', sorted(totalsBy(samples, 'warehouse_rows_total', 'table'))),
    section('insights', sorted(tally(kinds))),
    section('notifications', sorted(tally(messages.map(({ heardOn }) => heardOn)))),
    section('vendors and memory', [
      ["requests to Gong's API", String(asked.gongRequests)],
      ["requests to Zoho's API", String(asked.zohoRequests)],
      ['accounts in memory', `${asked.remembered} of ${asked.accounts}`],
    ]),
    section('times', timeLines(outcome, samples)),
    section('worth opening', [
      ['health of every part', `${baseUrl}/health`],
      ['Prometheus metrics', `${baseUrl}/metrics`],
      ['the front door in numbers', `${baseUrl}/webhooks/metrics`],
      ['schema of the messages', `${baseUrl}/docs/messages`],
    ]),
    example(callMessages),
  ].join('\n');
}

/** The measured value below which this share of all lies (nearest rank). */
export function percentile(values: readonly number[], quantile: number): number | undefined {
  const inOrder = [...values].sort((left, right) => left - right);
  return inOrder[Math.max(0, Math.ceil(quantile * inOrder.length) - 1)];
}

function timeLines({ acknowledgementsMs }: DayOutcome, samples: readonly Sample[]): Line[] {
  const acknowledged = (quantile: number) => inMs(percentile(acknowledgementsMs, quantile));
  const stored = (quantile: number) => {
    const seconds = histogramQuantile(samples, 'event_to_row_seconds', quantile);
    return inMs(seconds === undefined ? undefined : seconds * 1000);
  };
  return [
    ['acknowledgement p50 / p95', `${acknowledged(0.5)} / ${acknowledged(0.95)} (measured by the sender)`],
    ['webhook to row p50 / p95', `${stored(0.5)} / ${stored(0.95)} (from the histogram)`],
  ];
}

function inMs(milliseconds: number | undefined): string {
  return milliseconds === undefined ? '-' : `${milliseconds.toFixed(milliseconds < 100 ? 1 : 0)} ms`;
}

function section(title: string, lines: readonly Line[]): string {
  const shown = lines.length > 0 ? lines : [['none', ''] as const];
  return [title, ...shown.map(([name, value]) => `  ${name.padEnd(NAME_WIDTH)} ${value}`.trimEnd()), ''].join(
    '\n',
  );
}

/** The message that says most, in three lines. */
function example(messages: readonly HeardMessage[]): string {
  const [message] = [...messages].sort((left, right) => right.insights.length - left.insights.length);
  if (message === undefined) return 'no message was heard\n';
  const said = message.insights
    .map(({ kind, evidence }) => `${kind} "${evidence[0]?.quote ?? ''}"`)
    .join(', ');
  return [
    `a message on ${message.heardOn}`,
    `  ${message.priority} priority, id ${message.id}`,
    `  ${message.summary}`,
    `  insights: ${said === '' ? 'none' : said}`,
    '',
  ].join('\n');
}

function tally(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

function sorted(counts: ReadonlyMap<string, number>): Line[] {
  return [...counts]
    .sort(([left], [right]) => left.localeCompare(right))
    .map(([name, count]): Line => [name, String(count)]);
}
