import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { loadRules } from '../loading/rule-files.js';
import { evaluate, evaluateFolder } from './evaluate.command.js';
import { explainFile } from './explain.command.js';
import { correlation, countsOf, qualityOf } from './metrics.js';
import { bankingUtterances, intentSentences, ratedTexts, senti4sdTexts } from './public-sets.js';

const RULES = resolve(__dirname, '../../../config/insights');

let folder: string;
let printed: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tributary-test-cli-'));
  printed = '';
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

const fileOf = (name: string, text: string) => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const call = (id: string, more: object = {}) => ({
  id,
  parties: [
    { speakerId: 'd', name: 'Dana', side: 'internal' },
    { speakerId: 'm', name: 'Marta', side: 'external' },
  ],
  turns: [
    { speakerId: 'd', text: 'I will send you the summary by Friday.' },
    { speakerId: 'm', text: 'We are not renewing.' },
  ],
  startedAt: '2026-03-11T10:00:00-05:00',
  ...more,
});

describe('explain', () => {
  const explained = async (text: string) => {
    await explainFile(fileOf('calls', text), RULES);
    return printed;
  };

  it('takes the first to speak in a plain text for our side, unless a name says otherwise', async () => {
    const ours = await explained('Dana: We are not renewing.\n\nMarta: Fine.');
    const scoreIn = (text: string) => Number(/ ([\d.]+) churn_risk/.exec(text)?.[1]);
    printed = '';
    const theirs = await explained('Dana (external): We are not renewing.\nMarta (internal): Fine.');
    expect(scoreIn(theirs)).toBeGreaterThan(2 * scoreIn(ours));
    expect(theirs).toContain('turn 0 Dana: "We are not renewing."');
    printed = '';
    expect(await explained('We are not renewing.')).toContain('churn_risk');
  });

  it('shows why, on what evidence, and what is to be done by whom and until when', async () => {
    const text = await explained(JSON.stringify(call('c1', { title: 'Renewal' }), null, 2));
    expect(text).toMatch(/^ruleset \w+ of /);
    expect(text).toContain('\nc1 Renewal\n  priority urgent: ');
    expect(text).toContain('action_item owner Dana due 2026-03-13');
    expect(text).toMatch(/next: .*\(by 2026-03-13\)/);
    expect(text).toContain('rules: ');
  });

  it('reads one call a line too, and names what is wrong with a call', async () => {
    const text = await explained(`${JSON.stringify(call('c1'))}\n\n${JSON.stringify(call('c2'))}\n`);
    expect([text.includes('\nc1\n'), text.includes('\nc2\n')]).toEqual([true, true]);
    await expect(explained('{"id":"c1"}')).rejects.toThrow('has no "turns"');
  });
});

describe('evaluate', () => {
  const labels = {
    ...{ competitors: [], churn: { level: 'strong' }, upsell: { level: 'none' } },
    ...{ actions: [], sentiment: 'neutral', priority: 'urgent' },
  };

  it('measures what it knows the form of, and leaves the rest', async () => {
    fileOf(
      'calls.jsonl',
      `${JSON.stringify(call('c1', { labels, durationSec: 0 }))}\n${JSON.stringify(call('c2'))}\n`,
    );
    fileOf('notes.txt', 'Nothing that anybody labelled.');
    fileOf('rated.tsv', '1\t3.2\tI love it.\n2\t-3.1\tI hate it.\n3\t1.0\tIt is fine.\n');
    fileOf('asks.txt', 'Yes\tPlease send me the file.\nNo\tIt rained.\nMaybe\tSo.\n');
    fileOf('picture.png', '1\t3.2\tnot a text');
    const json = join(folder, 'out.report');
    await evaluateFolder(folder, RULES, json);
    const { rows } = JSON.parse(readFileSync(json, 'utf8')) as { rows: ReturnType<typeof evaluate> };
    const row = (data: string, task: string) =>
      rows.find((one) => one.data === data && one.task.startsWith(task));
    expect(row('calls.jsonl', 'churn >= 0.3')).toMatchObject({ cases: 1, precision: 1, recall: 1, f1: 1 });
    expect(row('calls.jsonl', 'false churn alarms')).toMatchObject({ value: 0 });
    expect(row('calls.jsonl', 'priority')).toMatchObject({ cases: 1, value: 1 });
    expect(row('asks.txt', 'asks')).toMatchObject({ cases: 2, recall: 1 });
    expect(row('rated.tsv', '')?.value).toBeGreaterThan(0.8);
    expect(new Set(rows.map(({ data }) => data))).toEqual(new Set(['calls.jsonl', 'asks.txt', 'rated.tsv']));
    expect(printed).toContain('| calls.jsonl | churn >= 0.3, by call | 1 | 1.000 | 1.000 | 1.000 |');
    expect(printed).toMatch(/\| rated.tsv \| .* \| 3 \| {2}\| {2}\| [01]\.\d{3} \| {2}\|/);
  });

  it('takes one file by its path, and no calls of which nobody has labelled any', () => {
    const path = fileOf('calls.jsonl', `${JSON.stringify(call('c1', { labels }))}\n`);
    const rules = loadRules(RULES);
    expect(new Set(evaluate(path, rules).map(({ data }) => data))).toEqual(new Set([path]));
    expect(evaluate(fileOf('bare.jsonl', JSON.stringify(call('c1'))), rules)).toEqual([]);
  });

  it('says where it knows nothing, and prints nothing then', async () => {
    fileOf('notes.txt', 'Nothing that anybody labelled.');
    await expect(evaluateFolder(folder, RULES, undefined)).rejects.toThrow('no labelled data that is known');
    expect(printed).toBe('');
  });
});

describe('public sets', () => {
  it('of intents have a label before each sentence; other lines are left out', () => {
    expect(intentSentences('Yes\tSend it.\twith a tab\r\nNo\tIt rained.\nMaybe\tx\n\n')).toEqual([
      { text: 'Send it.\twith a tab', isAsk: true },
      { text: 'It rained.', isAsk: false },
    ]);
  });

  it('of a bank have commas, quotes and line breaks within quotes', () => {
    const file = 'text,category\nplain,terminate_account\n"a ""b"",\nc",card_arrival\n,other?\n';
    expect(bankingUtterances(file)).toEqual([
      { text: 'plain', isChurn: true },
      { text: 'a "b",\nc', isChurn: false },
      { text: '', isChurn: false },
    ]);
  });

  it('of ratings have a number; other lines are left out', () => {
    expect(ratedTexts('1\t-2.5\tbad\n2\tfine\tx\n3\n')).toEqual([{ text: 'bad', rating: -2.5 }]);
    expect(senti4sdTexts('t1;POSITIVE;good; really\nt2\n')).toEqual([
      { text: 'good; really', label: 'positive' },
    ]);
  });
});

describe('quality', () => {
  it('of nothing said and nothing to find is perfect, of only wrong answers is none', () => {
    expect(qualityOf(countsOf([[false, false]]))).toMatchObject({ precision: 1, recall: 1, f1: 1 });
    expect(
      qualityOf(
        countsOf([
          [true, false],
          [false, true],
        ]),
      ),
    ).toMatchObject({ precision: 0, recall: 0, f1: 0 });
    expect(
      qualityOf(
        countsOf([
          [true, true],
          [true, false],
          [true, true],
          [false, true],
        ]),
      ),
    ).toMatchObject({
      ...{ right: 2, wrong: 1, missed: 1, precision: 2 / 3, recall: 2 / 3 },
    });
  });

  it("is Pearson's r of pairs", () => {
    expect(
      correlation([
        [1, 2],
        [2, 4],
        [3, 6],
      ]),
    ).toBeCloseTo(1);
    expect(
      correlation([
        [1, 3],
        [2, 2],
        [3, 1],
      ]),
    ).toBeCloseTo(-1);
  });
});
