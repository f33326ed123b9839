import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Conversation } from '../../contracts/conversation.js';
import { formatModel } from '../loading/model.file.js';
import { loadRules } from '../loading/rule-files.js';
import { readConversation } from '../rules/conversation-view.js';
import { type MarkedLine, markLine } from '../rules/marked-line.js';
import type { RuleSet } from '../rules/rule-set.js';
import { MOST_FEATURES, phraseBuckets } from '../text/phrase-model.js';
import { type LabelledCall, readCallLines } from './call-line.js';
import { type Example, fit } from './logistic-regression.js';
import { utteranceOf } from './texts.js';

const TRAINING = { bits: 16, epochs: 30, rate: 0.05, shrinkage: 0.02, isBalanced: true };
/** Calls that the rules were written with too; those kept aside are never looked at. */
const CALLS = ['b2b_calls', 'b2b_rounds', 'b2b_authors'];
const LINES = 'churn_lines';

/** What was said, as the rules read it, and whether it points to churn. */
interface Said {
  readonly words: readonly string[];
  readonly isPositive: boolean;
}

/**
 * Trains the churn model on the turns of customers in the labelled calls of DIR, and on DIR/churn_lines, and writes its
 * weights. The same files and rules give the same weights, byte for byte.
 */
export async function trainChurnModel(folder: string, outPath: string, rulesFolder: string): Promise<void> {
  const rules = loadRules(rulesFolder);
  const said = [
    ...CALLS.flatMap((name) => callsIn(join(folder, name)).flatMap((call) => turnsOf(call, rules))),
    ...filesIn(join(folder, LINES), '.tsv').flatMap((path) => linesIn(path, rules)),
  ];
  const about = {
    task: 'Does what a customer says point to their leaving?',
    data: `${CALLS.join(', ')} and ${LINES} of test/fixtures/insights, written for this project`,
    licence: 'MIT',
    texts: said.length,
    command: 'npm run insights -- train-churn test/fixtures/insights --out config/insights/churn-model.json',
  };
  writeFileSync(outPath, formatModel(about, fit(said.map(exampleOf), TRAINING)));
  process.stdout.write(`${said.length} texts, weights written to ${outPath}\n`);
}

const buckets = new Int32Array(MOST_FEATURES);

function exampleOf({ words, isPositive }: Said): Example {
  const count = phraseBuckets(words, (1 << TRAINING.bits) - 1, buckets);
  return { isPositive, buckets: [...new Set(buckets.subarray(0, count))] };
}

function filesIn(folder: string, ending: string): string[] {
  const names = readdirSync(folder).filter((name) => name.endsWith(ending));
  return names.sort().map((name) => join(folder, name));
}

function callsIn(folder: string): LabelledCall[] {
  return filesIn(folder, '.jsonl').flatMap((path) => readCallLines(readFileSync(path, 'utf8')));
}

/** The turns of the customer's side. */
function turnsOf({ conversation, labels }: LabelledCall, rules: RuleSet): Said[] {
  const byTurn = new Map<number, string[]>();
  for (const { line, words } of linesOf(conversation, rules)) {
    const { turn } = line.utterance;
    if (line.side === 'internal' || turn === null) continue;
    byTurn.set(turn, [...(byTurn.get(turn) ?? []), ...words]);
  }
  const evidence = new Set(labels?.churn.turns);
  return [...byTurn].map(([turn, words]) => ({ words, isPositive: evidence.has(turn) }));
}

/** Lines of `label<TAB>text`, all said by a customer. */
function linesIn(path: string, rules: RuleSet): Said[] {
  const lines = readFileSync(path, 'utf8').trim().split('\n');
  return lines.map((line) => {
    const [label = '', text = ''] = line.split('\t');
    const words = linesOf(utteranceOf(text), rules).flatMap((marked) => marked.words);
    return { words, isPositive: label === 'churn.strong' || label === 'churn.weak' };
  });
}

function linesOf(conversation: Conversation, rules: RuleSet): MarkedLine[] {
  const lines: MarkedLine[] = [];
  const reading = readConversation(conversation, (line, written) =>
    lines.push(markLine(line, written, rules)),
  );
  while (reading.next().done !== true);
  return lines;
}
