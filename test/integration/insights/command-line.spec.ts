import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../../..');
const CALLS = join(ROOT, 'test/fixtures/insights/b2b_calls/calls.jsonl');

interface Line {
  readonly id: string;
  readonly priority: string;
  readonly reasons: readonly string[];
  readonly nextSteps: readonly unknown[];
  readonly insights: readonly {
    readonly kind: string;
    readonly evidence: readonly { readonly turn: number; readonly startMs: number; readonly quote: string }[];
  }[];
}

/** The same entry point as `npm run insights`, without a build. */
function run(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const register = join(ROOT, 'config/tooling/register-ts.cjs');
  const entry = join(ROOT, 'src/insights/cli/insights.cli.ts');
  // Elsewhere, because the default rules must not depend on where it is called from.
  const { status, stdout, stderr } = spawnSync('node', ['-r', register, entry, ...args], {
    cwd: tmpdir(),
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

describe('npm run insights', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'tributary-insights-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('analyse writes one line for each call, whose quotes stand in its turns', () => {
    const out = join(folder, 'out.jsonl');
    expect(run('analyse', CALLS, '--out', out)).toMatchObject({ status: 0, stderr: '' });
    const calls = readFileSync(CALLS, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const lines = readFileSync(out, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
    expect(lines.map(({ id }) => id)).toEqual(calls.map(({ id }) => id));
    for (const [at, { insights, priority, reasons, nextSteps }] of lines.entries()) {
      expect(['low', 'medium', 'high', 'urgent']).toContain(priority);
      expect(reasons.length * nextSteps.length).toBeGreaterThan(0);
      for (const { quote, turn, startMs } of insights.flatMap(({ evidence }) => evidence)) {
        expect(calls[at].turns[turn].text).toContain(quote);
        expect(startMs).toBe(calls[at].turns[turn].startMs);
      }
    }
  });

  it('analyse gives the same bytes again', () => {
    const outs = ['a', 'b'].map((name) => join(folder, name));
    for (const out of outs) run('analyse', CALLS, '--out', out);
    expect(readFileSync(outs[0] as string, 'utf8')).toBe(readFileSync(outs[1] as string, 'utf8'));
  });

  it('analyse names the line that it cannot read', () => {
    const file = join(folder, 'calls.jsonl');
    writeFileSync(file, '{"id":"a","turns":[]}\n{"id":"b"}\n');
    const { status, stderr } = run('analyse', file, '--out', join(folder, 'out'));
    expect({ status, stderr }).toEqual({ status: 1, stderr: `${file}:2: has no "turns"\n` });
  });

  it('explain prints the rule and the sentence of a text of turns', () => {
    const file = join(folder, 'call.txt');
    writeFileSync(file, 'Dana (internal): How is it going?\nMarta (external): We are not renewing in May.\n');
    const { stdout } = run('explain', file);
    expect(stdout).toContain('priority urgent');
    expect(stdout).toContain('rules: churn.not-renewing');
    expect(stdout).toContain('turn 1 Marta: "We are not renewing in May."');
  });

  it('takes the rules of --rules, and says what is wrong with them', () => {
    const rules = join(folder, 'rules');
    cpSync(join(ROOT, 'config/insights'), rules, { recursive: true });
    writeFileSync(join(rules, 'bad.yaml'), 'churn:\n  - { id: x, weight: 2, patterns: [leave] }\n');
    const { status, stderr } = run('explain', CALLS, '--rules', rules);
    expect(status).toBe(1);
    expect(stderr).toContain('bad.yaml:2: churn[0].weight: must be a number from 0 to 1');
  });

  it('train gives the committed weights again', () => {
    const out = join(folder, 'ask-model.json');
    expect(run('train', join(ROOT, 'test/fixtures/insights/emailintent'), '--out', out).status).toBe(0);
    expect(readFileSync(out, 'utf8')).toBe(
      readFileSync(join(ROOT, 'config/insights/ask-model.json'), 'utf8'),
    );
  });

  it('train-churn gives the committed weights again', () => {
    const out = join(folder, 'churn-model.json');
    expect(run('train-churn', join(ROOT, 'test/fixtures/insights'), '--out', out).status).toBe(0);
    expect(readFileSync(out, 'utf8')).toBe(
      readFileSync(join(ROOT, 'config/insights/churn-model.json'), 'utf8'),
    );
  });

  it('says how it is used when it is used wrongly', () => {
    const { status, stderr } = run('analyse', CALLS);
    expect(status).toBe(2);
    expect(stderr).toContain('analyse IN.jsonl --out OUT.jsonl');
  });
});
