import { readdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Bench, BenchResult } from './bench-result.js';
import { claimLines, ratioLines, tableLines } from './bench-table.js';

const USAGE = `npm run bench [-- [name ...] [--quick] [--json FILE]]`;

interface Report {
  readonly machine: { readonly cores: number; readonly cpu: string; readonly memoryGiB: number };
  readonly node: string;
  readonly startedAt: string;
  readonly isQuick: boolean;
  readonly results: Record<string, BenchResult & { readonly seconds: number }>;
}

/** By the names of their files. */
function benchNames(): string[] {
  const files = readdirSync(__dirname).filter((file) => file.endsWith(SUFFIX));
  return files.map((file) => file.slice(0, -SUFFIX.length)).sort();
}

const SUFFIX = '.bench.ts';

/** @throws when a name is not the one of a benchmark. */
function chosen(names: readonly string[]): readonly string[] {
  const all = benchNames();
  const unknown = names.filter((name) => !all.includes(name));
  if (unknown.length > 0) {
    throw new Error(`no benchmark ${unknown.join(', ')}; there are: ${all.join(', ')}`);
  }
  return names.length === 0 ? all : names;
}

/** Loaded only when it runs: what another one needs would lie in the memory that this one measures in. */
function benchNamed(name: string): Bench {
  return require(join(__dirname, `${name}${SUFFIX}`)) as Bench;
}

function emptyReport(isQuick: boolean): Report {
  const [core] = cpus();
  return {
    machine: {
      cores: cpus().length,
      cpu: core?.model.trim() ?? 'unknown',
      memoryGiB: Math.round(totalmem() / 2 ** 30),
    },
    node: process.version,
    startedAt: new Date().toISOString(),
    isQuick,
    results: {},
  };
}

function print(lines: readonly string[]): void {
  if (lines.length > 0) console.log(`\n${lines.join('\n')}`);
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: 'string' }, quick: { type: 'boolean', default: false } },
  });
  const report = emptyReport(values.quick);
  const { cores, cpu, memoryGiB } = report.machine;
  console.log(
    `${cores} cores (${cpu}), ${memoryGiB} GiB, Node ${report.node}${values.quick ? ', quick' : ''}`,
  );
  for (const name of chosen(positionals)) {
    console.log(`\n== ${name}`);
    const startedAt = performance.now();
    const result = await benchNamed(name).run({ isQuick: values.quick, say: (line) => console.log(line) });
    const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
    report.results[name] = { ...result, seconds };
    print(tableLines(result.figures));
    print(ratioLines(result.ratios));
    print(claimLines(result.claims ?? []));
    print(result.notes ?? []);
    console.log(`\n${name} took ${seconds} s`);
  }
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
}

main().then(
  () => process.exit(0),
  (error: Error) => {
    console.error(`${error.message}\n${USAGE}`);
    process.exit(1);
  },
);
