import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import winkModel from 'wink-eng-lite-web-model';
import winkNlp from 'wink-nlp';
import type { Conversation } from '../../src/contracts/conversation.js';
import type { RulesEngine as Engine } from '../../src/insights/rules.engine.js';
import type { BenchOptions, BenchResult } from './bench-result.js';

const ROOT = resolve(__dirname, '../..');

/** As built: what compiles the tools on the fly gives each import a getter, which costs the analysis a sixth. */
function built<T>(file: string): T {
  return createRequire(__filename)(resolve(ROOT, 'dist', file)) as T;
}

const { AppConfig } = built<typeof import('../../src/config/app-config.js')>('config/app-config.js');
const { readCallLine } =
  built<typeof import('../../src/insights/cli/call-line.js')>('insights/cli/call-line.js');
const { InsightRules } =
  built<typeof import('../../src/insights/insight-rules.js')>('insights/insight-rules.js');
const { analyseNow, RulesEngine } =
  built<typeof import('../../src/insights/rules.engine.js')>('insights/rules.engine.js');

const WORDS = 10_000;
/** What people say in two hours, at 150 words a minute and without a pause. */
const TWO_HOURS_WORDS = 18_000;
const ROUNDS = { whole: { warmUp: 40, measured: 61 }, quick: { warmUp: 3, measured: 5 } };

/**
 * The whole analysis of a transcript of 10,000 words beside wink-nlp reading the same text, in turns, in processor
 * time, which a busy machine disturbs less than the clock; and how much of it the analysis of a two-hour call takes
 * before it lets others run.
 */
export async function run({ isQuick }: BenchOptions): Promise<BenchResult> {
  const rules = new InsightRules(new AppConfig());
  const { conversation, words } = longCall(WORDS);
  const text = conversation.utterances.map((utterance) => utterance.text).join(' ');
  const whole = winkNlp(winkModel);
  const splitting = winkNlp(winkModel, ['sbd']);
  const rounds = isQuick ? ROUNDS.quick : ROUNDS.whole;
  const [analysis = [], wink = [], splits = []] = timesInTurns(rounds, [
    () => analyseNow(conversation, rules.current),
    () => whole.readDoc(text).tokens().length(),
    () => splitting.readDoc(text).tokens().length(),
  ]);
  const block = await longestBlockMs(new RulesEngine(rules), rounds.measured);
  return {
    figures: {
      'the whole analysis': { words, 'CPU ms, median': median(analysis) },
      'wink-nlp as it comes': { words, 'CPU ms, median': median(wink) },
      'wink-nlp, sentences only': { words, 'CPU ms, median': median(splits) },
      'event loop held by a two-hour call': { words: TWO_HOURS_WORDS, ...block },
    },
    ratios: {
      'analysis : wink-nlp as it comes': { value: medianRatio(analysis, wink), target: { atMost: 0.5 } },
      'analysis : wink-nlp, sentences only': { value: medianRatio(analysis, splits) },
      'CPU ms for which the event loop is held at a time': {
        value: block['CPU ms, longest of the median run'],
        target: { atMost: 50 },
      },
    },
    notes: [
      'All in processor time, that of the garbage collector and the compiler included.',
      'A ratio is the median of those of the rounds; each round does all, and begins with another one.',
    ],
  };
}

/**
 * What each work took in each round. All are warmed up alike, and each round begins with the next of them, so that
 * none always runs behind the one that leaves it the most to collect.
 */
function timesInTurns(
  { warmUp, measured }: { readonly warmUp: number; readonly measured: number },
  works: readonly (() => unknown)[],
): number[][] {
  const times = works.map((): number[] => []);
  for (let round = 0; round < warmUp + measured; round += 1) {
    for (let turn = 0; turn < works.length; turn += 1) {
      const at = (round + turn) % works.length;
      const tookMs = processorMs(works[at] ?? (() => undefined));
      if (round >= warmUp) times[at]?.push(tookMs);
    }
  }
  return times;
}

/** Of two times of one round, which a busy machine disturbs alike. */
function medianRatio(times: readonly number[], others: readonly number[]): number {
  return median(times.map((tookMs, round) => tookMs / (others[round] ?? 0)));
}

/** Between two turns of the event loop while a call is analysed: of each run the longest. */
async function longestBlockMs(engine: Engine, runs: number) {
  const { conversation } = longCall(TWO_HOURS_WORDS);
  const longest: number[] = [];
  for (let number = 0; number < runs; number += 1) longest.push(await longestTurnMs(engine, conversation));
  return {
    'CPU ms, longest of the median run': median(longest),
    'CPU ms, longest of all': Math.max(...longest),
  };
}

async function longestTurnMs(engine: Engine, conversation: Conversation): Promise<number> {
  let [last, longestMs, isDone] = [process.cpuUsage(), 0, false];
  const tick = () => {
    longestMs = Math.max(longestMs, sinceMs(last));
    last = process.cpuUsage();
    if (!isDone) setImmediate(tick);
  };
  setImmediate(tick);
  await engine.analyse(conversation);
  tick();
  isDone = true;
  return longestMs;
}

/** The labelled calls one after another, over and over, as one conversation of their parties. */
function longCall(wantedWords: number): { conversation: Conversation; words: number } {
  const lines = readFileSync(resolve(ROOT, 'test/fixtures/insights/b2b_calls/calls.jsonl'), 'utf8');
  const calls = lines
    .trim()
    .split('\n')
    .map((line) => readCallLine(line).conversation);
  const [first] = calls;
  if (first === undefined) throw new Error('there are no calls to analyse');
  const said = calls.flatMap((call) => call.utterances);
  const utterances: Conversation['utterances'][number][] = [];
  let words = 0;
  for (let turn = 0; words < wantedWords; turn += 1) {
    const utterance = said[turn % said.length];
    if (utterance === undefined) throw new Error('nothing is said in the calls');
    words += utterance.text.split(/\s+/).length;
    utterances.push({ ...utterance, turn, field: `turns[${turn}].text` });
  }
  return { conversation: { ...first, utterances }, words };
}

function processorMs(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  return sinceMs(before);
}

function sinceMs(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
