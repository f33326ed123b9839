import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../..');
const RULES = 'config/tooling/dependency-cruiser.cjs';

/** Each line: what somebody might write, and the rule that must stop it. */
const VIOLATIONS: [string, string, string, string][] = [
  [
    'a vendor that reaches into another feature',
    'src/gong/shortcut.ts',
    "import '../warehouse/redis-outbox.js';",
    'feature-to-feature',
  ],
  [
    'a stage that knows an adapter',
    'src/pipeline/stages/shortcut.stage.ts',
    "import '../../gong/gong.adapter.js';",
    'pipeline-only-ports',
  ],
  [
    'intake that knows an adapter',
    'src/intake/shortcut.ts',
    "import '../gong/gong.adapter.js';",
    'intake-only-ports',
  ],
  [
    'guards that know a feature',
    'src/access/shortcut.ts',
    "import '../notifications/notification-keys.js';",
    'access-on-the-ground-floor',
  ],
  [
    'a contract that knows a feature',
    'src/contracts/shortcut.ts',
    "import '../config/app-config.js';",
    'contracts-import-nothing',
  ],
  [
    'DuckDB outside its home',
    'src/pipeline/shortcut.ts',
    "import '@duckdb/node-api';",
    'one-home-for-duckdb',
  ],
  ['a rule that does I/O', 'src/insights/rules/shortcut.rule.ts', "import 'node:fs';", 'rules-are-pure'],
];

describe('the layering rules', () => {
  const copy = mkdtempSync(join(tmpdir(), 'tributary-layers-'));

  beforeAll(() => {
    cpSync(join(ROOT, 'src'), join(copy, 'src'), { recursive: true });
    mkdirSync(join(copy, dirname(RULES)), { recursive: true });
    for (const file of [RULES, 'tsconfig.json', 'package.json']) cpSync(join(ROOT, file), join(copy, file));
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  });
  afterAll(() => rmSync(copy, { recursive: true, force: true }));

  function cruise(): { status: number | null; output: string } {
    const tool = join(ROOT, 'node_modules/.bin/depcruise');
    const { status, stdout, stderr } = spawnSync(tool, ['--config', RULES, 'src'], {
      cwd: copy,
      encoding: 'utf8',
    });
    return { status, output: stdout + stderr };
  }

  it('stop each deliberate violation, by name', () => {
    for (const [, path, text] of VIOLATIONS) writeFileSync(join(copy, path), `${text}\n`);
    const { status, output } = cruise();
    expect(status).not.toBe(0);
    const unreported = VIOLATIONS.filter(([, path, , rule]) => {
      return !output.split('\n').some((line) => line.includes(`${rule}: `) && line.includes(path));
    });
    expect(unreported.map(([what, , , rule]) => `${what} (${rule})`)).toEqual([]);
    for (const [, path] of VIOLATIONS) rmSync(join(copy, path));
    expect(cruise()).toMatchObject({ status: 0 });
  });
});
