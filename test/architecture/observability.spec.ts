import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { parser } from '@prometheus-io/lezer-promql';
import { parse } from 'yaml';

const RULES = 'config/observability/prometheus/alerts.yaml';

interface Rule {
  alert: string;
  expr: string;
  labels: { severity: string };
  annotations: { summary: string; runbook_url: string };
}

const rules = (parse(readFileSync(RULES, 'utf8')) as { groups: { rules: Rule[] }[] }).groups.flatMap(
  (group) => group.rules,
);
const dashboard = JSON.parse(readFileSync('config/observability/grafana/tributary.json', 'utf8')) as {
  panels: { targets: { expr: string }[] }[];
};
const runbook = readFileSync('docs/runbook.md', 'utf8');
const declared = new Set(
  [...readFileSync('src/metrics/metric.providers.ts', 'utf8').matchAll(/name: '(\w+)'/g)].map(
    ([, name]) => name ?? '',
  ),
);

/** Names in an expression that look like metrics: with an underscore, and no label or function. */
function metricsIn(expression: string): string[] {
  const bare = expression.replace(/"[^"]*"/g, '').replace(/\b(?:by|on) \([^)]*\)/g, '');
  return [...bare.matchAll(/\b([a-z]+(?:_[a-z0-9]+)+)\b(?!\s*\()/g)].map(([, name]) =>
    (name ?? '').replace(/_bucket$/, ''),
  );
}

/** Where Prometheus' own grammar finds an expression wrong; Grafana fills its variables in before. */
function mistakesIn(expression: string): string[] {
  const text = expression.replace(/\$__?\w+/g, '5m');
  const mistakes: string[] = [];
  parser.parse(text).iterate({
    enter: ({ type, from }) => void (type.isError && mistakes.push(text.slice(from, from + 20))),
  });
  return mistakes;
}

const isOurs = (name: string) => !/^(nodejs|process)_/.test(name);
const expressions = [
  ...rules.map(({ alert, expr }) => [alert, expr] as const),
  ...dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => ['dashboard', expr] as const)),
];
const hasPromtool = spawnSync('promtool', ['--version']).status === 0;

describe('alert rules and dashboard', () => {
  it('name only metrics that exist', () => {
    const named = expressions.flatMap(([where, expr]) => metricsIn(expr).map((name) => [where, name]));
    expect(named.length).toBeGreaterThan(40);
    expect(named.filter(([, name]) => isOurs(name ?? '') && !declared.has(name ?? ''))).toEqual([]);
  });

  it('between them show every metric of the house', () => {
    const shown = new Set(expressions.flatMap(([, expr]) => metricsIn(expr)));
    expect([...declared].filter((name) => !shown.has(name))).toEqual([]);
  });

  it('each alert has a summary, a severity and its own entry in the runbook, and the runbook no others', () => {
    for (const { alert, labels, annotations } of rules) {
      expect(['page', 'ticket']).toContain(labels.severity);
      expect(annotations.summary).not.toBe('');
      expect(annotations.runbook_url).toBe(`docs/runbook.md#${alert.toLowerCase()}`);
    }
    const entries = [...runbook.matchAll(/^### (\w+)$/gm)].map(([, name]) => name);
    expect(entries).toEqual(rules.map(({ alert }) => alert));
  });

  it('are PromQL', () => {
    expect(expressions.flatMap(([where, expr]) => mistakesIn(expr).map((text) => [where, text]))).toEqual([]);
    for (const wrong of ['sum(rate(a_total[5m]) by (x)', 'a_total >', 'frob(a_total)']) {
      expect([wrong, mistakesIn(wrong)]).not.toEqual([wrong, []]);
    }
  });

  (hasPromtool ? it : it.skip)('are accepted by promtool (skipped where it is not installed)', () => {
    const checked = spawnSync('promtool', ['check', 'rules', RULES], { encoding: 'utf8' });
    expect([checked.status, checked.stderr]).toEqual([0, '']);
  });
});
