import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import winkModel from 'wink-eng-lite-web-model';
import winkNlp from 'wink-nlp';
import type { Conversation } from '../../src/contracts/conversation.js';
import { readCallLine } from '../../src/insights/cli/call-line.js';
import { loadRules } from '../../src/insights/loading/rule-files.js';
import { analyseNow } from '../../src/insights/rules.engine.js';

const ROOT = resolve(__dirname, '../..');
const WORDS = 10_000;
const WARM_UP = 10;
const RUNS = 21;

/** Milliseconds of processor time, which a busy machine disturbs less than the clock. */
export interface InsightsBench {
  readonly words: number;
  readonly analysisMs: number;
  readonly winkMs: number;
  /** The analysis over wink-nlp, both in this run; the lower the better. */
  readonly ratio: number;
}

/** The whole analysis of a transcript of 10,000 words beside wink-nlp reading the same text, in turns. */
export async function run(): Promise<InsightsBench> {
  const rules = loadRules(resolve(ROOT, 'config/insights'));
  const { conversation, words } = longCall();
  const text = conversation.utterances.map((utterance) => utterance.text).join(' ');
  const nlp = winkNlp(winkModel);
  const analysis: number[] = [];
  const wink: number[] = [];
  for (let round = 0; round < WARM_UP + RUNS; round += 1) {
    const ours = processorMs(() => analyseNow(conversation, rules));
    const theirs = processorMs(() => nlp.readDoc(text).tokens().length());
    if (round < WARM_UP) continue;
    analysis.push(ours);
    wink.push(theirs);
  }
  const [analysisMs, winkMs] = [median(analysis), median(wink)];
  return { words, analysisMs, winkMs, ratio: analysisMs / winkMs };
}

/** The labelled calls one after another, as one conversation of their parties. */
function longCall(): { conversation: Conversation; words: number } {
  const lines = readFileSync(resolve(ROOT, 'test/fixtures/insights/b2b_calls/calls.jsonl'), 'utf8');
  const calls = lines
    .trim()
    .split('\n')
    .map((line) => readCallLine(line).conversation);
  const [first] = calls;
  if (first === undefined) throw new Error('there are no calls to analyse');
  let words = 0;
  const utterances = calls
    .flatMap((call) => call.utterances)
    .filter(({ text }) => {
      const isWanted = words < WORDS;
      if (isWanted) words += text.split(/\s+/).length;
      return isWanted;
    })
    .map((utterance, turn) => ({ ...utterance, turn, field: `turns[${turn}].text` }));
  return { conversation: { ...first, utterances }, words };
}

function processorMs(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
