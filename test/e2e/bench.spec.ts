import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../..');

interface Report {
  readonly node: string;
  readonly machine: { readonly cores: number };
  readonly results: Record<
    string,
    {
      readonly figures: Record<string, Record<string, number>>;
      readonly ratios: Record<string, { readonly value: number }>;
    }
  >;
}

describe('npm run bench', () => {
  it('measures the front door beside others and writes the figures', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tributary-bench-test-'));
    const file = join(folder, 'figures.json');
    try {
      const args = ['run', 'bench', '--', 'ingest', '--quick', '--json', file];
      const { status, stdout, stderr } = spawnSync('npm', args, { cwd: ROOT, encoding: 'utf8' });
      expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout).toContain('req/s, Tributary always : Nest tutorial');
      const report = JSON.parse(readFileSync(file, 'utf8')) as Report;
      expect(report.machine.cores).toBeGreaterThan(0);
      const { figures = {}, ratios = {} } = report.results.ingest ?? {};
      const ours = Object.entries(figures).filter(([subject]) => subject.includes('Tributary'));
      expect(ours).toHaveLength(8);
      expect(ours.filter(([, measures]) => measures.failed !== 0)).toEqual([]);
      expect(Object.values(ratios).every(({ value }) => Number.isFinite(value))).toBe(true);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, 240_000);

  it('says which benchmarks there are when asked for another', () => {
    const { status, stderr } = spawnSync('npm', ['run', 'bench', '--', 'nothing'], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    expect(status).toBe(1);
    expect(stderr).toMatch(/no benchmark nothing; there are: .*ingest/);
  }, 120_000);
});
