import { randomInt } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { GongSigner } from '../simulators/gong/gong-signer.js';
import { GongWebhookSender } from '../simulators/gong/gong-webhook-sender.js';
import { workingDay } from '../simulators/gong/working-day.js';
import { type DayOutcome, distinctCalls, outcomeOf } from './day-outcome.js';
import { NotificationsListener } from './notifications-listener.js';
import { becomesTrue } from './poll.js';
import { parseMetrics, total } from './prometheus-text.js';
import { report } from './report.js';
import { freePort, ServiceProcess } from './service-process.js';
import { messageProblems, readWarehouse, rowProblems } from './warehouse-check.js';

interface Options {
  readonly exit: boolean;
  readonly keep: boolean;
  readonly seed: number;
}

interface Played {
  readonly outcome: DayOutcome;
  readonly listener: NotificationsListener;
  readonly problems: string[];
}

/** What Ctrl-C means at the moment: giving up, or the end of a look at a day that went well. */
interface Interruption {
  exitCode: number;
}

const USAGE = `usage: npm run demo [-- --exit] [--keep] [--seed N]
  --exit    stop by itself; status 0 only if every accepted event reached its row and its message
  --keep    leave the data folder behind
  --seed N  repeat the day of an earlier run`;
const EXIT_USAGE = 2;
const EXIT_INTERRUPTED = 130;
const CONCURRENCY = 4;
const MOST_PROBLEMS_SHOWN = 20;
const PROCESSED_TIMEOUT_MS = 60_000;
const UNFINISHED_STATES = ['waiting', 'wait', 'prioritized', 'active', 'delayed'];
/** Of a configured service nearby: the demo must neither write to its warehouse nor be verified by its keys. */
const NOT_INHERITED = [
  'DUCKDB_PATH',
  'GONG_WEBHOOK_URLS',
  'GONG_INCLUDE_PRIVATE_CALLS',
  'WEBHOOK_ENABLED',
  'TRUST_PROXY',
];

function readOptions(): Options | undefined {
  try {
    const flag = { type: 'boolean', default: false } as const;
    const { values } = parseArgs({ options: { exit: flag, keep: flag, seed: { type: 'string' } } });
    // Every run has calls of its own, so that a Redis that remembers the last run refuses none as duplicate.
    const seed = values.seed === undefined ? randomInt(1, 2 ** 31) : Number(values.seed);
    return Number.isSafeInteger(seed * 1000) && seed >= 0
      ? { exit: values.exit, keep: values.keep, seed }
      : undefined;
  } catch {
    return undefined;
  }
}

/** The environment of the service: ours, with a key of the simulator, a folder and an address of its own. */
function serviceEnvironment(dataDir: string, port: number, baseUrl: string): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = { ...process.env };
  for (const name of NOT_INHERITED) for (const each of [name, `${name}_FILE`]) delete environment[each];
  return {
    ...environment,
    ROLE: 'all',
    WAREHOUSE: 'duckdb',
    DATA_DIR: dataDir,
    HOST: '127.0.0.1',
    PORT: String(port),
    WEBHOOK_BASE_URL: baseUrl,
    GONG_WEBHOOK_PUBLIC_KEYS: GongSigner.shared().publicKeyBase64,
    LOG_LEVEL: 'warn',
  };
}

/** Sends the day and waits until all of it has been processed. */
async function play(service: ServiceProcess, listener: NotificationsListener, seed: number): Promise<Played> {
  const day = workingDay(seed, { baseUrl: service.baseUrl });
  console.log(`sending ${day.length} webhooks of one working day (seed ${seed}) ...\n`);
  const outcome = outcomeOf(await new GongWebhookSender(service.baseUrl).sendInWaves(day, CONCURRENCY));
  const isDone = await becomesTrue(() => isProcessed(service, listener, outcome), PROCESSED_TIMEOUT_MS);
  const problems = [...outcome.surprises];
  if (!isDone) problems.push(`not everything was processed within ${PROCESSED_TIMEOUT_MS / 1000} s`);
  return { outcome, listener, problems };
}

/** Rows and messages are there and nothing waits any more, neither in the queues nor for the warehouse. */
async function isProcessed(service: ServiceProcess, listener: NotificationsListener, outcome: DayOutcome) {
  const calls = distinctCalls(outcome);
  const told = new Set(heardAbout(listener, outcome).map(({ callId }) => callId));
  if ([...calls].some((callId) => !told.has(callId))) return false;
  const samples = parseMetrics(await service.metrics());
  const rows = (table: string) => total(samples, 'warehouse_rows_total', { table });
  const waiting = UNFINISHED_STATES.reduce((sum, state) => sum + total(samples, 'queue_depth', { state }), 0);
  return (
    rows('GONG_WEBHOOKS_RAW') >= outcome.accepted.length &&
    rows('GONG_CALLS_ENHANCED') >= calls.size &&
    waiting + total(samples, 'outbox_rows') === 0
  );
}

function heardAbout(listener: NotificationsListener, { accepted }: DayOutcome) {
  return listener.about(new Set(accepted.map(({ eventId }) => eventId)));
}

async function printReport(service: ServiceProcess, { outcome, listener }: Played): Promise<void> {
  const messages = heardAbout(listener, outcome);
  const { prefix } = listener;
  console.log(
    report({ outcome, messages, prefix, metrics: await service.metrics(), baseUrl: service.baseUrl }),
  );
}

/** Stops the service in order and looks at what it left. */
async function stopAndCheck(service: ServiceProcess, played: Played): Promise<string[]> {
  const { outcome, listener } = played;
  // Before its Redis goes away, which the listener would complain about.
  const unreadable = [...listener.unreadable];
  const exitCode = await service.stop();
  const ending = exitCode === 0 ? [] : [`the service ended with ${exitCode ?? 'a signal'} instead of 0`];
  const rows = await readWarehouse(join(service.dataDir, 'warehouse.duckdb'));
  return [
    ...played.problems,
    ...unreadable,
    ...ending,
    ...rowProblems(outcome, rows),
    ...messageProblems(outcome, heardAbout(listener, outcome), listener.prefix),
  ];
}

function verdict(problems: readonly string[], service: ServiceProcess): number {
  if (problems.length === 0) return 0;
  const shown = problems.slice(0, MOST_PROBLEMS_SHOWN).map((problem) => `  - ${problem.slice(0, 300)}`);
  console.error(`problems: ${problems.length}\n${shown.join('\n')}`);
  if (problems.length > shown.length) console.error(`  ... and ${problems.length - shown.length} more`);
  if (service.output !== '') console.error(`\nthe service printed:\n${service.output}`);
  return 1;
}

async function runDay(
  service: ServiceProcess,
  options: Options,
  interruption: Interruption,
): Promise<number> {
  await service.untilReady();
  const listener = await NotificationsListener.listen(process.env, service.embeddedRedis());
  const played = await play(service, listener, options.seed);
  await printReport(service, played);
  if (options.exit) {
    const problems = await stopAndCheck(service, played);
    listener.close();
    if (problems.length === 0) console.log('every accepted event has its rows and its message');
    return verdict(problems, service);
  }
  const messages = messageProblems(played.outcome, heardAbout(listener, played.outcome), listener.prefix);
  interruption.exitCode = verdict([...played.problems, ...listener.unreadable, ...messages], service);
  listener.close();
  console.log('the service keeps running; Ctrl-C stops it');
  await service.ended;
  return service.isStopping ? interruption.exitCode : verdict(['the service ended by itself'], service);
}

/** The first signal stops in order, the second at once. */
function untilInterrupted(service: ServiceProcess, interruption: Interruption): Promise<number> {
  return new Promise((resolve) => {
    let signals = 0;
    const onSignal = () => {
      if (++signals === 1) {
        console.log('stopping the service ...');
        return resolve(interruption.exitCode);
      }
      service.kill();
      process.exit(EXIT_INTERRUPTED);
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  });
}

async function main(): Promise<number> {
  const options = readOptions();
  if (options === undefined) {
    console.error(USAGE);
    return EXIT_USAGE;
  }
  if (!existsSync(join('dist', 'main.js'))) {
    throw new Error('dist/main.js is missing: run npm run build first');
  }
  const dataDir = mkdtempSync(join(tmpdir(), 'tributary-demo-'));
  const port = await freePort();
  const baseUrl = `http://127.0.0.1:${port}`;
  console.log(`starting the service on ${baseUrl}, data in ${dataDir}`);
  const service = new ServiceProcess(baseUrl, dataDir, serviceEnvironment(dataDir, port, baseUrl));
  process.on('exit', () => {
    service.kill();
    if (!options.keep) rmSync(dataDir, { recursive: true, force: true });
  });
  try {
    const interruption = { exitCode: EXIT_INTERRUPTED };
    const interrupted = untilInterrupted(service, interruption);
    return await Promise.race([runDay(service, options, interruption), interrupted]);
  } catch (error) {
    if (service.isRunning) throw error;
    throw new Error(`the service ended unexpectedly:\n${service.output}`, { cause: error });
  } finally {
    await service.stop();
  }
}

main().then(
  (code) => process.exit(code),
  (error: Error) => {
    console.error(error.message);
    process.exit(1);
  },
);
