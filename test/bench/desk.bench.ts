import { statSync } from 'node:fs';
import { DESK_TOKENS, AdminDesk } from '../support/admin-desk.js';
import { startRedis } from '../support/redis-server.js';
import { ServiceProcess } from '../support/service.js';
import type { BenchOptions, BenchResult } from './bench-result.js';
import { fillQueues } from './desk/filled-queues.js';
import { type FilledEvent, fillWarehouse } from './desk/filled-warehouse.js';

/** The promise of the operator's desk: p95 of a search, with a million events behind it. */
const TARGET_MS = 100;
const DEFAULT_EVENTS = 1_000_000;
const WARM_UP = 5;

/** A search by its name: what is asked the nth time. */
type Searches = Readonly<Record<string, (round: number) => string>>;

/**
 * `GET /admin/events` and `/admin/events/{id}` of the built service, on a DuckDB warehouse with DESK_EVENTS events,
 * one request after the other as a person asks. Once with empty queues, and once with queues full of events that
 * wait or have failed, which is all that Redis keeps of events.
 */
export async function run({ isQuick, say }: BenchOptions): Promise<BenchResult> {
  const events = Number(process.env.DESK_EVENTS ?? (isQuick ? 20_000 : DEFAULT_EVENTS));
  const queued = isQuick ? 500 : 5_000;
  const rounds = isQuick ? 10 : 60;
  const redis = await startRedis();
  const service = await ServiceProcess.create({ REDIS_URL: redis.url, LOG_LEVEL: 'warn', ...DESK_TOKENS });
  try {
    say(`${events} events and ${events * 6} stages are written`);
    const picked = Array.from({ length: rounds + WARM_UP }, (_pick, index) => (index * 7_919_777) % events);
    const known = await fillWarehouse(service.warehousePath, events, picked);
    const fileMiB = Math.round(statSync(service.warehousePath).size / 2 ** 20);
    const startedAt = performance.now();
    await service.start();
    const startSeconds = Math.round((performance.now() - startedAt) / 100) / 10;
    const desk = new AdminDesk(service.url);
    say('searching, queues empty');
    const empty = await measure(desk, searches(known), rounds);
    await service.terminate();
    say(`searching, ${queued} waiting, ${queued} put aside, ${queued} failed`);
    await fillQueues(redis.url, queued);
    await service.start();
    const full = await measure(desk, { ...searches(known), ...searchesOfQueues() }, rounds);
    return {
      figures: { ...named(empty, 'queues empty'), ...named(full, 'queues full') },
      ratios: { ...slowest(empty, 'queues empty'), ...slowest(full, 'queues full') },
      notes: [
        `${events.toLocaleString('en-US')} events over 30 days (7 of 10 Gong, 3 Zoho), 6 stages each; file ${fileMiB} MiB; start ${startSeconds} s`,
        `${rounds} requests of each kind one after the other, after ${WARM_UP} that do not count; client and service share the machine`,
        `queues full: ${queued} events each that wait, are put aside or have failed`,
      ],
    };
  } finally {
    await service.dispose();
    await redis.stop();
  }
}

function searches(known: readonly FilledEvent[]): Searches {
  const of = (round: number) => known[round % known.length] ?? { eventId: '', objectId: '', receivedAt: '' };
  const dayFrom = (round: number) => {
    const { receivedAt } = of(round);
    return `since=${receivedAt}&until=${new Date(Date.parse(receivedAt) + 86_400_000).toISOString()}`;
  };
  return {
    'the newest': () => '/events',
    'the newest of a vendor': (round) => `/events?vendor=${round % 2 === 0 ? 'gong' : 'zoho'}`,
    'a vendor and a day': (round) => `/events?vendor=gong&${dayFrom(round)}`,
    'a kind': () => '/events?kind=meeting',
    processed: () => '/events?status=processed&limit=200',
    'an entity': (round) => `/events?entity=${of(round).objectId}`,
    'a page far back': (round) => `/events?cursor=${cursorAfter(of(round))}`,
    'one event and its stages': (round) => `/events/${of(round).eventId}`,
    'an id that nobody knows': (round) => `/events/${round.toString(16).padStart(64, 'f')}`,
  };
}

function searchesOfQueues(): Searches {
  return { failed: () => '/events?status=failed', 'waiting for a worker': () => '/events?status=queued' };
}

/** As the service makes them. */
function cursorAfter({ receivedAt, eventId }: FilledEvent): string {
  return Buffer.from(`${receivedAt}|${eventId}`).toString('base64url');
}

type Measured = Readonly<Record<string, { readonly 'p50 ms': number; readonly 'p95 ms': number }>>;

async function measure(desk: AdminDesk, wanted: Searches, rounds: number): Promise<Measured> {
  const measured: Record<string, Measured[string]> = {};
  for (const [search, path] of Object.entries(wanted)) {
    const latenciesMs: number[] = [];
    for (let round = 0; round < rounds + WARM_UP; round += 1) {
      const startedAt = performance.now();
      const { status } = await desk.get(path(round));
      const isRight = status === (search === 'an id that nobody knows' ? 404 : 200);
      if (!isRight) throw new Error(`${path(round)} was answered ${status}`);
      if (round >= WARM_UP) latenciesMs.push(performance.now() - startedAt);
    }
    measured[search] = { 'p50 ms': quantile(latenciesMs, 0.5), 'p95 ms': quantile(latenciesMs, 0.95) };
  }
  return measured;
}

function named(measured: Measured, when: string): Measured {
  return Object.fromEntries(
    Object.entries(measured).map(([search, figures]) => [`${when}: ${search}`, figures]),
  );
}

/** Of each kind of search on its own: one that is slow must not hide among those that are not. */
function slowest(measured: Measured, when: string): BenchResult['ratios'] {
  return Object.fromEntries(
    Object.entries(measured).map(([search, figures]) => [
      `p95 ms, ${when}: ${search}`,
      { value: figures['p95 ms'], target: { atMost: TARGET_MS } },
    ]),
  );
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  return Number(
    (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN).toFixed(1),
  );
}
