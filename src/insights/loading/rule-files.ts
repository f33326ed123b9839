import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { AppError } from '../../contracts/errors.js';
import type { RuleSet } from '../rules/rule-set.js';
import type { ModelWeights } from '../text/model-weights.js';
import { parseModel } from './model.file.js';
import { buildRuleSet } from './rule-set.builder.js';
import { type RuleProblem, YamlNode } from './yaml-node.js';

const LEXICON = 'sentiment-lexicon.tsv';
const ASK_MODEL = 'ask-model.json';
const CHURN_MODEL = 'churn-model.json';
const OTHER_FILES = [LEXICON, ASK_MODEL, CHURN_MODEL];
const MAX_SHOWN = 20;

/**
 * Reads a folder of rule files (`*.yaml`, the sentiment lexicon, the weights of the models; see
 * config/insights/README.md) and compiles them.
 * @throws AppError INSIGHTS.RULES_INVALID that names file and line of every problem
 */
export function loadRules(folder: string): RuleSet {
  const problems: RuleProblem[] = [];
  const names = filesIn(folder);
  const texts = names.map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));
  const hash = createHash('sha256');
  for (const { name, text } of texts) hash.update(`${name}\0${text}\0`);
  const documents = texts
    .filter(({ name }) => name.endsWith('.yaml'))
    .map(({ name, text }) => YamlNode.parse(name, text, problems));
  const textOf = (name: string) => texts.find((file) => file.name === name)?.text;
  const rules = buildRuleSet(
    documents,
    {
      hash: hash.digest('hex').slice(0, 16),
      lexicon: lexiconOf(textOf(LEXICON) ?? '', problems),
      askWeights: weightsOf(ASK_MODEL, textOf(ASK_MODEL), problems),
      churnWeights: weightsOf(CHURN_MODEL, textOf(CHURN_MODEL), problems),
    },
    problems,
  );
  if (problems.length > 0) throw invalid(folder, problems);
  return rules;
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.yaml') || OTHER_FILES.includes(name))
      .sort();
  } catch (error) {
    throw new AppError(
      'INSIGHTS.RULES_INVALID',
      `no rule files can be read from ${resolve(folder)}`,
      'never',
      {
        cause: error,
      },
    );
  }
}

function invalid(folder: string, problems: readonly RuleProblem[]): AppError {
  const sorted = [...problems].sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line);
  const shown = sorted.slice(0, MAX_SHOWN).map(({ file, line, message }) => `${file}:${line}: ${message}`);
  const more = problems.length > MAX_SHOWN ? [`and ${problems.length - MAX_SHOWN} more`] : [];
  const list = [...shown, ...more].map((line) => `  ${line}`).join('\n');
  return new AppError('INSIGHTS.RULES_INVALID', `rule files in ${folder} cannot be used:\n${list}`);
}

/** Lines of `word<TAB>value`; those that begin with # say where the words come from. */
function lexiconOf(text: string, problems: RuleProblem[]): Map<string, number> {
  const lexicon = new Map<string, number>();
  for (const [at, line] of text.split('\n').entries()) {
    if (line === '' || line.startsWith('# ')) continue;
    const [word, value] = line.split('\t');
    const number = Number(value);
    if (word === undefined || word === '' || value === undefined || Number.isNaN(number)) {
      problems.push({ file: LEXICON, line: at + 1, message: 'must be a word, a tab and a number' });
    } else lexicon.set(word, number);
  }
  return lexicon;
}

/** The weights in one of the files; null where there is none. */
function weightsOf(name: string, text: string | undefined, problems: RuleProblem[]): ModelWeights | null {
  if (text === undefined) return null;
  try {
    return parseModel(text);
  } catch (error) {
    const message = `cannot be used: ${error instanceof Error ? error.message : String(error)}`;
    problems.push({ file: name, line: 1, message });
    return null;
  }
}
