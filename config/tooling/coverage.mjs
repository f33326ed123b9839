// npm run coverage: lines and branches of src that the unit, integration and e2e tests run, the processes that they
// start included. Jest's own coverage sees only what runs inside Jest, and figures of two compilers cannot be added
// up; so a copy of this repository is made, the TypeScript in it is instrumented before anything compiles it, and the
// tests run there. Everything after `--` goes to Jest. Reports: coverage/coverage-summary.json (and -final.json), coverage/index.html.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import babel from '@babel/core';
import coverage from 'istanbul-lib-coverage';
import instrument from 'istanbul-lib-instrument';
import report from 'istanbul-lib-report';
import reports from 'istanbul-reports';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const REPORTS = join(ROOT, 'coverage');
const NOT_COPIED = new Set(['node_modules', 'dist', 'coverage', 'data', '.git']);
/** Programs of their own: each writes what it has run when it ends. A process that is killed writes nothing. */
const PROGRAMS = ['main.ts', 'migrate.ts', 'insights/cli/insights.cli.ts'];
/** What builds or measures the whole repository says nothing about src here. */
const NOT_RUN = ['e2e/bench', 'e2e/image-steps'];

const work = mkdtempSync(join(tmpdir(), 'tributary-coverage-'));
const results = join(work, 'results');
const map = coverage.createCoverageMap({});

function copyRepository() {
  for (const entry of readdirSync(ROOT)) {
    if (!NOT_COPIED.has(entry)) cpSync(join(ROOT, entry), join(work, entry), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(work, 'node_modules'));
  mkdirSync(results);
}

function instrumentSources() {
  const folder = join(work, 'src');
  for (const file of readdirSync(folder, { recursive: true })) {
    if (!file.endsWith('.ts') || file.endsWith('.spec.ts')) continue;
    const path = join(folder, file);
    const code = instrumented(readFileSync(path, 'utf8'), join(ROOT, 'src', file));
    writeFileSync(path, `// @ts-nocheck\n${code}\n${PROGRAMS.includes(file) ? writer() : ''}`);
  }
}

/** The source with counters in it, still TypeScript. What can be counted goes to the map, so that nothing is missing there. */
function instrumented(source, name) {
  const counting = ({ types }) => {
    const visitor = instrument.programVisitor(types, name);
    const Program = {
      enter(path) {
        path.traverse({ AssignmentPattern: ({ node }) => void keepDecorators(node) });
        visitor.enter(path);
      },
      exit: (path) => void map.addFileCoverage(visitor.exit(path).fileCoverage),
    };
    return { visitor: { Program } };
  };
  const parserOpts = { plugins: ['typescript', 'decorators-legacy'] };
  return babel.transformSync(source, { configFile: false, babelrc: false, parserOpts, plugins: [counting] })
    .code;
}

/** Babel reads the decorators of `@Inject(A) a = b` as those of `a`, and prints only those of `a = b`. */
function keepDecorators(parameter) {
  parameter.decorators ??= parameter.left.decorators;
}

function writer() {
  const file = `${JSON.stringify(`${results}/`)} + process.pid + '-' + Date.now() + '.json'`;
  return `process.on('exit', () => require('node:fs').writeFileSync(${file}, JSON.stringify((globalThis as any).__coverage__)));\n`;
}

/** Failures show here as they do in `npm test`; what ran until then still counts. */
function runTests(more) {
  run('node', ['config/tooling/setup.mjs']);
  const jest = ['--selectProjects', 'unit', 'integration', 'e2e', '--testPathIgnorePatterns', ...NOT_RUN];
  const collecting = ['--coverage', '--coverageProvider=babel', '--collectCoverageFrom=nothing/**'];
  const writing = ['--coverageReporters=json', `--coverageDirectory=${join(results, 'jest')}`];
  return run(join('node_modules', '.bin', 'jest'), [...jest, ...collecting, ...writing, ...more]);
}

function run(command, args) {
  return spawnSync(command, args, { cwd: work, stdio: 'inherit' }).status;
}

function writeReports() {
  for (const file of readdirSync(results, { recursive: true }).filter((name) => name.endsWith('.json'))) {
    map.merge(JSON.parse(readFileSync(join(results, file), 'utf8')));
  }
  const context = report.createContext({ dir: REPORTS, coverageMap: map, defaultSummarizer: 'nested' });
  for (const kind of ['json', 'json-summary', 'html', 'text-summary']) reports.create(kind).execute(context);
}

/** Where the most is missing. */
function printGaps() {
  const gaps = map.files().map((file) => {
    const { lines, branches } = map.fileCoverageFor(file).toSummary().data;
    const missing = lines.total - lines.covered + branches.total - branches.covered;
    return { file: relative(ROOT, file), lines: lines.pct, branches: branches.pct, missing };
  });
  gaps.sort((left, right) => right.missing - left.missing);
  for (const { file, lines, branches, missing } of gaps.slice(0, 25)) {
    console.log(`${String(missing).padStart(4)}  ${file} (lines ${lines} %, branches ${branches} %)`);
  }
}

try {
  copyRepository();
  instrumentSources();
  const status = runTests(process.argv.slice(2));
  writeReports();
  printGaps();
  process.exitCode = status ?? 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}
