import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { analyseFile } from './analyse.command.js';
import { evaluateFolder } from './evaluate.command.js';
import { explainFile } from './explain.command.js';
import { trainAskModel } from './train-asks.command.js';
import { trainChurnModel } from './train-churn.command.js';

/**
 * The insight engine on files. The default rules are those of this checkout or image, wherever it is run from.
 */
const USAGE = `usage:
  npm run insights -- analyse IN.jsonl --out OUT.jsonl [--rules DIR]   one line of insights for each call
  npm run insights -- explain FILE [--rules DIR]                       which rule fired where, and why
  npm run insights -- evaluate DIR [--rules DIR] [--json FILE]         precision, recall, F1 on labelled data
  npm run insights -- train DIR --out FILE                             the weights of the ask model
  npm run insights -- train-churn DIR --out FILE [--rules DIR]         the weights of the churn model`;

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

type Command = (path: string) => Promise<void> | void;

/** `out` is where the command writes; without it these two only say how they are used. */
const COMMANDS: Readonly<Record<string, Command>> = {
  analyse: (path) => withOut((out) => analyseFile(path, out, values.rules)),
  analyze: (path) => withOut((out) => analyseFile(path, out, values.rules)),
  explain: (path) => explainFile(path, values.rules),
  evaluate: (path) => evaluateFolder(path, values.rules, values.json),
  train: (path) => withOut((out) => trainAskModel(path, out)),
  'train-churn': (path) => withOut((out) => trainChurnModel(path, out, values.rules)),
};

async function run(): Promise<void> {
  const [name, path] = positionals;
  const command = name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (values.help || command === undefined || path === undefined) usage(values.help);
  else await command(path);
}

function withOut(write: (out: string) => Promise<void>): Promise<void> | void {
  return values.out === undefined ? usage(false) : write(values.out);
}

function usage(isAsked: boolean): void {
  (isAsked ? process.stdout : process.stderr).write(`${USAGE}\n`);
  if (!isAsked) process.exitCode = 2;
}

run().catch((error: unknown) => {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
});
