import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { AppError } from '../../contracts/errors.js';
import { analyseFile } from './analyse.command.js';
import { evaluateFolder } from './evaluate.command.js';
import { explainFile } from './explain.command.js';
import { trainAskModel } from './train.command.js';

/**
 * The insight engine on files. The default rules are those of this checkout or image, wherever it is run from.
 */
const USAGE = `usage:
  npm run insights -- analyse IN.jsonl --out OUT.jsonl [--rules DIR]   one line of insights for each call
  npm run insights -- explain FILE [--rules DIR]                       which rule fired where, and why
  npm run insights -- evaluate DIR [--rules DIR] [--json FILE]         precision, recall, F1 on labelled data
  npm run insights -- train DIR --out FILE [--rules DIR]               the weights of the ask model`;

const DEFAULT_RULES = resolve(__dirname, '../../../config/insights');

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: 'string' },
    rules: { type: 'string', default: DEFAULT_RULES },
    json: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

async function run(): Promise<void> {
  const [command, path] = positionals;
  if (values.help || command === undefined || path === undefined) return usage(values.help);
  switch (command) {
    case 'analyse':
    case 'analyze':
      return values.out === undefined ? usage(false) : analyseFile(path, values.out, values.rules);
    case 'explain':
      return explainFile(path, values.rules);
    case 'evaluate':
      return evaluateFolder(path, values.rules, values.json);
    case 'train':
      return values.out === undefined ? usage(false) : trainAskModel(path, values.out, values.rules);
    default:
      return usage(false);
  }
}

function usage(isAsked: boolean): void {
  (isAsked ? process.stdout : process.stderr).write(`${USAGE}\n`);
  if (!isAsked) process.exitCode = 2;
}

run().catch((error: unknown) => {
  const message = error instanceof AppError || error instanceof Error ? error.message : String(error);
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
});
