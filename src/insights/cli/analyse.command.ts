import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { loadRules } from '../loading/rule-files.js';
import { analyseNow } from '../rules.engine.js';
import type { RuleSet } from '../rules/rule-set.js';
import { readCallLine } from './call-line.js';
import { lineError, linesOf } from './jsonl.js';

/**
 * Analyses a file of calls, one JSON object a line, and writes one line for each:
 * `{id, insights, priority, reasons, nextSteps, ruleset}`.
 */
export async function analyseFile(inPath: string, outPath: string, rulesFolder: string): Promise<void> {
  const rules = loadRules(rulesFolder);
  const out = createWriteStream(outPath, 'utf8');
  const done = finished(out);
  let count = 0;
  for await (const { line, number } of linesOf(inPath)) {
    const isWritten = out.write(`${analysed(line, rules, (error) => lineError(inPath, number, error))}\n`);
    count += 1;
    if (!isWritten) await Promise.race([once(out, 'drain'), done]);
  }
  out.end();
  await done;
  process.stdout.write(`${count} analysed with ruleset ${rules.hash}, written to ${outPath}\n`);
}

function analysed(line: string, rules: RuleSet, describe: (error: unknown) => Error): string {
  try {
    const { id, conversation } = readCallLine(line);
    const { insights, priority, priorityReasons, nextSteps, ruleset } = analyseNow(conversation, rules);
    return JSON.stringify({ id, insights, priority, reasons: priorityReasons, nextSteps, ruleset });
  } catch (error) {
    throw describe(error);
  }
}
