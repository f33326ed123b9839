import { readFileSync } from 'node:fs';
import type { Analysis, Insight } from '../../contracts/insight.js';
import { loadRules } from '../loading/rule-files.js';
import { analyseNow } from '../rules.engine.js';
import { type LabelledCall, readCallLine, readCallLines } from './call-line.js';

/** Prints, call by call, what was found, by which rules and on what evidence. */
export async function explainFile(path: string, rulesFolder: string): Promise<void> {
  const rules = loadRules(rulesFolder);
  process.stdout.write(`ruleset ${rules.hash} of ${rulesFolder}\n`);
  for (const call of callsIn(readFileSync(path, 'utf8'), path)) {
    process.stdout.write(`${explanation(call, analyseNow(call.conversation, rules))}\n`);
  }
}

/** One call as a JSON object over several lines, one call a line, or plain text: `Name: what was said`. */
function callsIn(text: string, path: string): LabelledCall[] {
  const trimmed = text.trim();
  if (!trimmed.startsWith('{')) return [callOfText(trimmed, path)];
  try {
    return [readCallLine(trimmed)];
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return readCallLines(trimmed);
  }
}

/** The first to speak is taken for our side, unless a name says `(external)` or `(internal)`. */
function callOfText(text: string, path: string): LabelledCall {
  const turns = text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map(turnOfText);
  const names = [...new Set(turns.map(({ name }) => name))];
  const parties = names.map((name, at) => ({
    speakerId: name,
    name: name.replace(/\s*\((internal|external)\)$/i, ''),
    side: /\((internal|external)\)$/i.exec(name)?.[1]?.toLowerCase() ?? (at === 0 ? 'internal' : 'external'),
  }));
  return readCallLine(
    JSON.stringify({ id: path, parties, turns: turns.map(({ name, text }) => ({ speakerId: name, text })) }),
  );
}

function turnOfText(line: string): { name: string; text: string } {
  const match = /^([^:]{1,60}):\s*(.*)$/.exec(line);
  return match === null ? { name: '(external)', text: line } : { name: match[1] ?? '', text: match[2] ?? '' };
}

function explanation({ id, conversation }: LabelledCall, analysis: Analysis): string {
  const reasons = analysis.priorityReasons.join('; ');
  return [
    `\n${id} ${conversation.title ?? ''}`.trimEnd(),
    `  priority ${analysis.priority}: ${reasons}`,
    ...analysis.insights.flatMap(insightLines),
    ...analysis.nextSteps.map(({ text, due }) => `  next: ${text}${due === undefined ? '' : ` (by ${due})`}`),
  ].join('\n');
}

function insightLines(insight: Insight): string[] {
  const { kind, subject, label, stance, side, owner, due, score, rules, source, evidence } = insight;
  const what = [kind, subject, stance ?? label, kind === 'sentiment' ? side : undefined].filter(Boolean);
  const task = [owner === undefined ? '' : `owner ${owner}`, due === undefined ? '' : `due ${due}`];
  return [
    `  ${score.toFixed(2)} ${[...what, ...task].filter((part) => part !== '').join(' ')}`,
    `       ${source}: ${rules.join(', ')}`,
    ...evidence.map(({ quote, speaker, turn, field }) => {
      const where = turn === undefined ? field : `turn ${turn}`;
      return `       ${where}${speaker === null ? '' : ` ${speaker}`}: "${quote}"`;
    }),
  ];
}
