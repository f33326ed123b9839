import { Redis } from 'ioredis';
import { PinoLogger } from 'nestjs-pino';
import { Counter } from 'prom-client';
import { loadConfig } from '../../src/config/load-config.js';
import type { NotificationDraft } from '../../src/contracts/notification.js';
import { RedisNotifier } from '../../src/notifications/redis-notifier.js';
import { gongTracker } from '../factories/gong-call.factory.js';
import { answerBody, GongHouse } from '../support/gong-house.js';
import { startRedis } from '../support/redis-server.js';
import { waitFor } from '../support/wait-for.js';

interface Options {
  readonly isQuick: boolean;
  readonly say: (line: string) => void;
}

interface Result {
  readonly figures: Record<string, Record<string, number>>;
  readonly ratios: Record<string, { value: number; target?: { atLeast?: number; atMost?: number } }>;
  readonly notes: string[];
}

type Measured = { readonly latenciesMs: number[]; readonly perSecond: number[] };

const IN_FLIGHT = 20;
const EVENTS_PER_SECOND = 100;
const WARM_UP_EVENTS = 200;

/**
 * What it costs to publish once, keep, and append, beside a bare PUBLISH of the same bytes on the same
 * connection; and how long after its 200 a webhook is heard of, in the whole service.
 */
export async function run({ isQuick, say }: Options): Promise<Result> {
  const publishing = await measurePublishing(isQuick ? 2 : 5, isQuick ? 400 : 1_500, say);
  const seconds = isQuick ? 3 : 12;
  say(`${EVENTS_PER_SECOND} webhooks/s for ${seconds} s, from the 200 to the message`);
  const heard = await measureService(seconds);
  const rate = ({ perSecond }: Measured) => median(perSecond);
  const p95 = ({ latenciesMs }: Measured) => quantile(latenciesMs, 0.95);
  const { notifier, bare } = publishing;
  return {
    figures: {
      'tributary, published once, kept, appended': figures(notifier),
      'bare PUBLISH': figures(bare),
      '200 to message, whole service': {
        'webhooks/s': EVENTS_PER_SECOND,
        'p50 ms': rounded(quantile(heard, 0.5)),
        'p95 ms': rounded(quantile(heard, 0.95)),
        'p99 ms': rounded(quantile(heard, 0.99)),
      },
    },
    ratios: {
      'rate, tributary : bare PUBLISH': { value: rounded(rate(notifier) / rate(bare), 2) },
      'p95, tributary : bare PUBLISH': { value: rounded(p95(notifier) / p95(bare), 2) },
      '200 to message p95 in seconds': {
        value: rounded(quantile(heard, 0.95) / 1000, 3),
        target: { atMost: 1 },
      },
    },
    notes: [
      `publishing: ${IN_FLIGHT} in flight on one connection, one subscriber, alternating slices; Redis without a file`,
      'service: Redis syncs every write; sender, service and Redis share the machine; negative waits (the message came before the 200) count as 0',
    ],
  };
}

async function measurePublishing(
  rounds: number,
  sliceMs: number,
  say: (line: string) => void,
): Promise<{ notifier: Measured; bare: Measured }> {
  const server = await startRedis();
  const redis = new Redis(server.url);
  const agent = new Redis(server.url);
  try {
    await agent.psubscribe('sophia:*');
    const published = new Counter({ name: 'n', help: 'n', labelNames: ['channel'], registers: [] });
    const silent = new PinoLogger({ pinoHttp: { level: 'silent' } });
    const notifier = new RedisNotifier(redis, loadConfig({}), published, silent);
    const text = JSON.stringify(draft('0').message);
    const subjects = {
      notifier: (index: number) => notifier.publish(draft(String(index))),
      bare: () => redis.publish('sophia:gong:calls', text),
    };
    const measured = {
      notifier: { latenciesMs: [], perSecond: [] } as Measured,
      bare: { latenciesMs: [], perSecond: [] } as Measured,
    };
    for (const subject of Object.values(subjects)) await slice(subject, sliceMs / 3);
    for (let round = 0; round < rounds; round += 1) {
      say(`publishing, round ${round + 1} of ${rounds}`);
      for (const which of round % 2 === 0
        ? (['notifier', 'bare'] as const)
        : (['bare', 'notifier'] as const)) {
        const { latenciesMs, perSecond } = await slice(subjects[which], sliceMs);
        measured[which].latenciesMs.push(...latenciesMs);
        measured[which].perSecond.push(perSecond);
      }
    }
    return measured;
  } finally {
    agent.disconnect();
    redis.disconnect();
    await server.stop();
  }
}

let nextIndex = 0;

/** A closed loop: as one is answered, the next is sent. */
async function slice(
  send: (index: number) => Promise<unknown>,
  milliseconds: number,
): Promise<{ latenciesMs: number[]; perSecond: number }> {
  const latenciesMs: number[] = [];
  const startedAt = performance.now();
  const end = startedAt + milliseconds;
  const lane = async () => {
    while (performance.now() < end) {
      const sentAt = performance.now();
      nextIndex += 1;
      await send(nextIndex);
      latenciesMs.push(performance.now() - sentAt);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  return { latenciesMs, perSecond: latenciesMs.length / ((performance.now() - startedAt) / 1000) };
}

/** @returns the time from each 200 to its message, in milliseconds; a young process is warmed up first. */
async function measureService(seconds: number): Promise<number[]> {
  const house = await GongHouse.open({ LOG_LEVEL: 'warn' });
  const agent = new Redis(house.redis.url);
  try {
    const heardAt = new Map<string, number>();
    agent.on('message', (_channel, text: string) => {
      heardAt.set((JSON.parse(text) as { eventId: string }).eventId, performance.now());
    });
    await agent.subscribe('sophia:gong:calls');
    await sendCalls(house, 200_000, WARM_UP_EVENTS, heardAt);
    const answeredAt = await sendCalls(house, 100_000, seconds * EVENTS_PER_SECOND, heardAt);
    return [...answeredAt].map(([id, answered]) => Math.max(0, (heardAt.get(id) ?? Infinity) - answered));
  } finally {
    agent.disconnect();
    await house.close();
  }
}

/** Sends signed calls at the fixed rate. @returns when each was answered, after all have been heard of. */
async function sendCalls(
  house: GongHouse,
  firstSeed: number,
  count: number,
  heardAt: ReadonlyMap<string, number>,
): Promise<Map<string, number>> {
  const answeredAt = new Map<string, number>();
  const trackers = [gongTracker('Churn risk', { 'not renew': 2 })];
  const sending: Promise<void>[] = [];
  const startedAt = performance.now();
  for (let index = 0; index < count; index += 1) {
    const dueInMs = startedAt + (index * 1000) / EVENTS_PER_SECOND - performance.now();
    if (dueInMs > 0) await new Promise((resolve) => setTimeout(resolve, dueInMs));
    const sent = house.postCall({ seed: firstSeed + index, trackers }).then((answer) => {
      if (answer.status !== 200) throw new Error(`a webhook was answered ${answer.status}`);
      answeredAt.set(answerBody(answer).eventIds[0] ?? '', performance.now());
    });
    sending.push(sent);
  }
  await Promise.all(sending);
  const all = () => [...answeredAt.keys()].every((id) => heardAt.has(id));
  await waitFor('every message', all, { timeoutMs: 30_000 });
  return answeredAt;
}

function draft(id: string): NotificationDraft {
  const insight = {
    kind: 'competitor',
    subject: 'Fabrikam',
    score: 0.7,
    stance: 'evaluating',
    ruleset: '0123456789abcdef',
    rules: ['competitor-mention'],
    source: 'rules',
    evidence: [
      {
        quote: 'we are looking at Fabrikam for the second half of the year, to be honest',
        speaker: 'Dana',
        side: 'external',
        startMs: 61_000,
        endMs: 66_000,
        field: 'transcript[3].sentences[1].text',
      },
    ],
  } as const;
  return {
    channel: 'gong:calls',
    changeId: `call:${id}`,
    news: ['call', `${id}-1`, `${id}-2`, `${id}-3`],
    supersedesEarlier: true,
    message: {
      type: 'call',
      priority: 'medium',
      vendor: 'gong',
      eventId: id.padStart(64, '0'),
      correlationId: 'benchmark',
      occurredAt: '2026-11-25T09:00:00.000Z',
      subject: { type: 'call', id, title: 'Quarterly review', url: null, account: null },
      summary: 'medium priority call "Quarterly review": 3 competitor',
      insights: ['1', '2', '3'].map((number) => ({ id: `${id}-${number}`, ...insight })),
      actions: [],
      nextSteps: [{ text: 'Prepare a comparison with Fabrikam', insightIds: [`${id}-1`] }],
    },
  };
}

function figures(measured: Measured): Record<string, number> {
  return {
    'messages/s': Math.round(median(measured.perSecond)),
    'p50 ms': rounded(quantile(measured.latenciesMs, 0.5), 2),
    'p95 ms': rounded(quantile(measured.latenciesMs, 0.95), 2),
  };
}

function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function rounded(value: number, digits = 1): number {
  return Number(value.toFixed(digits));
}
