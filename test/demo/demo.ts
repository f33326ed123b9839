import { randomBytes, randomInt } from 'node:crypto';
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
import { SimulatedVendors } from './simulated-vendors.js';
import { freePort, ServiceProcess } from './service-process.js';
import { messageProblems, readWarehouse, rowProblems } from './warehouse-check.js';

interface Options {
  readonly exit: boolean;
  readonly keep: boolean;
  readonly seed: number;
}

interface Stage {
  readonly service: ServiceProcess;
  readonly listener: NotificationsListener;
  readonly vendors: SimulatedVendors;
}

interface Played {
  /** Records of the CRM that the service was told of. */
  readonly crmRecords: number;
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
const PROCESSED_TIMEOUT_MS = 120_000;
const UNFINISHED_STATES = ['waiting', 'prioritized', 'active', 'delayed'];
/** The queues that a webhook goes through; schedules wait in others for ever. */
const QUEUES_OF_EVENTS = ['events', 'enrichment', 'account-sync'];
/** Of a configured service nearby: the demo must neither use its vendors and warehouse nor be verified by its keys. */
const NOT_INHERITED =
  /^(DUCKDB|GONG|ZOHO|COGNEE|SNOWFLAKE|MEMORY|LLM|WEBHOOK|TRUST|NOTIFICATION_ALERTS|ADMIN|READER)(_|$)/;
const ADMIN_TOKEN = randomBytes(24).toString('hex');

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
function serviceEnvironment(dataDir: string, baseUrl: string, vendors: SimulatedVendors): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !NOT_INHERITED.test(name));
  return {
    ...Object.fromEntries(inherited),
    ...vendors.environment,
    ROLE: 'all',
    WAREHOUSE: 'duckdb',
    DATA_DIR: dataDir,
    HOST: '127.0.0.1',
    PORT: new URL(baseUrl).port,
    ADMIN_TOKENS: `demo:${ADMIN_TOKEN}`,
    WEBHOOK_BASE_URL: baseUrl,
    GONG_WEBHOOK_PUBLIC_KEYS: GongSigner.shared().publicKeyBase64,
    // It would enter calls that the day has not sent yet.
    RECONCILIATION_ENABLED: 'false',
    LOG_LEVEL: 'warn',
  };
}

/** Fills the CRM, sends the day, and waits until all of it has been processed. */
async function play({ service, listener, vendors }: Stage, seed: number): Promise<Played> {
  const crm = await vendors.fillCrm(service.baseUrl);
  const { accounts } = vendors.counts;
  console.log(`Zoho CRM told of ${crm.records} records of ${accounts} accounts ...`);
  const isKnown = await becomesTrue(
    async () => (await rowsWritten(service, 'ZOHO_ACCOUNT_SNAPSHOTS')) >= accounts,
    PROCESSED_TIMEOUT_MS,
  );
  const day = workingDay(seed, { baseUrl: service.baseUrl });
  vendors.knowCalls(day);
  console.log(`sending ${day.length} webhooks of one working day (seed ${seed}) ...\n`);
  const outcome = outcomeOf(await new GongWebhookSender(service.baseUrl).sendInWaves(day, CONCURRENCY));
  const isDone = await becomesTrue(
    () => isProcessed(service, listener, outcome, crm.records),
    PROCESSED_TIMEOUT_MS,
  );
  const problems = [...outcome.surprises];
  if (!isKnown) problems.push(`not every account has a snapshot after ${PROCESSED_TIMEOUT_MS / 1000} s`);
  if (!isDone) problems.push(`not everything was processed within ${PROCESSED_TIMEOUT_MS / 1000} s`);
  if (crm.records < accounts) problems.push('notifications of the CRM were refused');
  if (vendors.remembered < accounts) problems.push('not every account is in the memory');
  return { crmRecords: crm.records, outcome, listener, problems };
}

async function rowsWritten(service: ServiceProcess, table: string): Promise<number> {
  return total(parseMetrics(await service.metrics()), 'warehouse_rows_total', { table });
}

/** Rows and messages are there and nothing waits any more, neither in the queues nor for the warehouse. */
async function isProcessed(
  service: ServiceProcess,
  listener: NotificationsListener,
  outcome: DayOutcome,
  crmRecords: number,
) {
  const calls = distinctCalls(outcome);
  const told = new Set(heardAbout(listener, outcome).map(({ callId }) => callId));
  if ([...calls].some((callId) => !told.has(callId))) return false;
  const samples = parseMetrics(await service.metrics());
  const rows = (table: string) => total(samples, 'warehouse_rows_total', { table });
  const waiting = QUEUES_OF_EVENTS.flatMap((queue) =>
    UNFINISHED_STATES.map((state) => total(samples, 'queue_depth', { queue, state })),
  ).reduce((sum, depth) => sum + depth, 0);
  return (
    rows('GONG_WEBHOOKS_RAW') >= outcome.accepted.length &&
    rows('GONG_CALLS_ENHANCED') >= calls.size &&
    rows('ZOHO_EVENTS_RAW') >= crmRecords &&
    waiting + total(samples, 'outbox_rows') === 0
  );
}

function heardAbout(listener: NotificationsListener, { accepted }: DayOutcome) {
  return listener.about(new Set(accepted.map(({ eventId }) => eventId)));
}

async function printReport({ service, listener, vendors }: Stage, { outcome }: Played): Promise<void> {
  const { prefix } = listener;
  const messages = [...heardAbout(listener, outcome), ...listener.ofVendor('zoho')];
  const { baseUrl } = service;
  const asked = { ...vendors.counts, remembered: vendors.remembered };
  console.log(report({ outcome, messages, prefix, metrics: await service.metrics(), baseUrl, asked }));
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
    ...rowProblems(outcome, rows, played.crmRecords),
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
  vendors: SimulatedVendors,
  options: Options,
  interruption: Interruption,
): Promise<number> {
  await service.untilReady();
  const listener = await NotificationsListener.listen(process.env, service.embeddedRedis());
  const stage = { service, listener, vendors };
  const played = await play(stage, options.seed);
  await printReport(stage, played);
  if (options.exit) {
    const problems = await stopAndCheck(service, played);
    listener.close();
    if (problems.length === 0) console.log('every accepted event has its rows and its message');
    return verdict(problems, service);
  }
  const messages = messageProblems(played.outcome, heardAbout(listener, played.outcome), listener.prefix);
  interruption.exitCode = verdict([...played.problems, ...listener.unreadable, ...messages], service);
  listener.close();
  console.log(`the admin routes take: Authorization: Bearer ${ADMIN_TOKEN}`);
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
  console.log(
    `starting the service on ${baseUrl} with simulated Gong, Zoho CRM and Cognee, data in ${dataDir}`,
  );
  const vendors = await SimulatedVendors.start();
  const service = new ServiceProcess(baseUrl, dataDir, serviceEnvironment(dataDir, baseUrl, vendors));
  process.on('exit', () => {
    service.kill();
    if (!options.keep) rmSync(dataDir, { recursive: true, force: true });
  });
  try {
    const interruption = { exitCode: EXIT_INTERRUPTED };
    const interrupted = untilInterrupted(service, interruption);
    return await Promise.race([runDay(service, vendors, options, interruption), interrupted]);
  } catch (error) {
    if (service.isRunning) throw error;
    throw new Error(`the service ended unexpectedly:\n${service.output}`, { cause: error });
  } finally {
    await service.stop();
    await vendors.stop();
  }
}

main().then(
  (code) => process.exit(code),
  (error: Error) => {
    console.error(error.message);
    process.exit(1);
  },
);
