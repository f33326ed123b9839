import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { AppConfig } from '../../config/app-config.js';
import { InsightRules } from '../insight-rules.js';
import { loadRules } from './rule-files.js';

const SHIPPED = resolve(__dirname, '../../../config/insights');

describe('rule files', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tributary-rules-'));
    cpSync(SHIPPED, folder, { recursive: true });
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const add = (name: string, text: string) => writeFileSync(join(folder, name), text);
  const problemsOf = () => {
    try {
      loadRules(folder);
      return 'none';
    } catch (error) {
      return (error as Error).message
        .split('\n')
        .slice(1)
        .map((line) => line.trim())
        .join('\n');
    }
  };

  it('say file, line and place of everything that is wrong, at once', () => {
    add(
      'mine.yaml',
      [
        'churn:',
        '  - id: churn.mine',
        '    weight: 7',
        '    patterns:',
        "      - 'leave (now'",
        '  - id: churn.no-weight',
        "    patterns: ['stop ..99 it']",
        'colour: red',
        'context:',
        '  - { id: mood.strange, patterns: [hm] }',
        '',
      ].join('\n'),
    );
    expect(problemsOf().split('\n')).toEqual([
      'mine.yaml:3: churn[0].weight: must be a number from 0 to 1',
      'mine.yaml:5: churn[0].patterns[0]: the pattern a bracket is not closed',
      'mine.yaml:6: churn[1]: "weight" is missing',
      'mine.yaml:7: churn[1].patterns[0]: the pattern a gap of more than 30 words',
      expect.stringMatching(/^mine.yaml:8: colour: is not a known key; known are ours, modules, /),
      expect.stringMatching(/^mine.yaml:10: context\[0\]: "mood.strange" is not one of reply.yes, /),
    ]);
  });

  it('say what is wrong with a rule about the CRM', () => {
    add(
      'mine.yaml',
      [
        'crm:',
        '  - { id: a, of: deal, field: Stage, kind: churn_risk, weight: 0.3 }',
        '  - { id: b, of: lead, field: Stage, kind: upsell, weight: 0.3, becomes: [won], leaves: [won] }',
        '  - id: c',
        '    of: account',
        '    kind: upsell',
        '    weight: 0.3',
        '    rises: { above: much, below: 3 }',
        '',
      ].join('\n'),
    );
    expect(problemsOf().split('\n')).toEqual([
      'mine.yaml:2: crm[0]: must say exactly one of falls, rises, becomes, leaves, later',
      'mine.yaml:3: crm[1].of: must be one of account, deal',
      'mine.yaml:3: crm[1]: must say exactly one of falls, rises, becomes, leaves, later',
      'mine.yaml:4: crm[2]: "field" is missing',
      'mine.yaml:8: crm[2].rises.below: is not a known key; known are by, byPercent, above, scale',
      'mine.yaml:8: crm[2].rises.above: must be a number from -1000000000000000 to 1000000000000000',
    ]);
  });

  it('may lack the sections that came later', () => {
    rmSync(join(folder, 'crm.yaml'));
    expect(loadRules(folder).crm).toEqual([]);
  });

  it('say where the syntax of a file is broken', () => {
    add('broken.yaml', 'churn:\n  - id: a\n   weight: 1\n');
    expect(problemsOf()).toContain('broken.yaml:3');
  });

  it('say what is missing altogether', () => {
    rmSync(join(folder, 'upsell.yaml'));
    expect(problemsOf()).toBe('*.yaml:1: no file has the section "upsell"');
  });

  it('are refused with their folder when there are none', () => {
    expect(() => loadRules(join(folder, 'nowhere'))).toThrow(/no rule files can be read from .*nowhere/);
  });

  it('have a hash that any edit changes, and nothing else', () => {
    const before = loadRules(folder).hash;
    expect(loadRules(SHIPPED).hash).toBe(before);
    add('company.yaml', `${readFileSync(join(folder, 'company.yaml'), 'utf8')}# a remark\n`);
    expect(loadRules(folder).hash).not.toBe(before);
  });

  it('are taken again all or not at all', () => {
    const config = Object.assign(new AppConfig(), { INSIGHT_RULES_DIR: folder });
    const rules = new InsightRules(config);
    const first = rules.current;
    add('more.yaml', 'competitors:\n  - { id: litware, aliases: [Litware] }\n');
    expect(rules.reload()).toEqual({ before: first.hash, after: rules.current.hash });
    expect(rules.current.competitors.map(({ id }) => id)).toContain('litware');
    const second = rules.current;
    add('more.yaml', 'competitors:\n  - { id: fabrikam }\n');
    expect(() => rules.reload()).toThrow('"aliases" is missing');
    expect(rules.current).toBe(second);
  });
});
