import { setTimeout as sleep } from 'node:timers/promises';
import type { EnrichedRecord } from '../../src/contracts/conversation.js';
import { AppError } from '../../src/contracts/errors.js';
import type { JsonObject } from '../../src/contracts/json.js';
import { gongCall, type GongCallBody } from '../factories/gong-call.factory.js';
import { GongApiSimulator } from '../simulators/gong/gong-api.simulator.js';
import { GongApiKit } from '../support/gong-api-kit.js';
import { startRedis } from '../support/redis-server.js';

/** What is measured for a number of calls, and then said of a thousand. */
interface Run {
  readonly calls: number;
  readonly requests: number;
  readonly seconds: number;
  readonly mostPerSecond: number;
  readonly refused: number;
}

interface Options {
  readonly isQuick: boolean;
  readonly say: (line: string) => void;
}

const PER = 1_000;
const BATCHED_CALLS = { whole: 1_000, quick: 300 };
/** At 2.5 requests a second a thousand calls would take a quarter of an hour: a few are enough to know the pace. */
const ONE_BY_ONE_CALLS = { whole: 12, quick: 4 };

/** Runs against a fresh Gong with its true limits, 3 requests a second. */
async function against(
  redisUrl: string,
  count: number,
  work: (kit: GongApiKit, calls: readonly GongCallBody[]) => Promise<void>,
): Promise<Run> {
  const gong = await GongApiSimulator.start();
  const kit = new GongApiKit(redisUrl, gong.environment);
  try {
    const calls = Array.from({ length: count }, (_, index) => gongCall({ seed: 1 + index }));
    for (const call of calls) gong.addCall(call);
    const startedAt = performance.now();
    await work(kit, calls);
    return {
      calls: count,
      requests: gong.requests.length,
      seconds: (performance.now() - startedAt) / 1000,
      mostPerSecond: gong.mostPerSecond(),
      refused: gong.requests.filter(({ status }) => status === 429).length,
    };
  } finally {
    await kit.close();
    await gong.close();
  }
}

/** All webhooks at once, each enriched by a job of its own, which comes back when it is told to. */
async function batched(kit: GongApiKit, calls: readonly GongCallBody[]): Promise<void> {
  const records = await Promise.all(calls.map((call) => enriched(kit, call)));
  const partial = records.filter(({ enrichment }) => enrichment.status !== 'full').length;
  if (partial > 0) throw new Error(`${partial} calls are not whole`);
}

async function enriched(kit: GongApiKit, { callData }: GongCallBody): Promise<EnrichedRecord> {
  const receivedAt = new Date().toISOString();
  const { id: callId } = callData.metaData;
  const call = { isTest: false, isPrivate: false, callData: callData as unknown as JsonObject, callId };
  for (;;) {
    try {
      return await kit.enricher.enrich({ call, kind: 'call', round: 0, receivedAt, purpose: 'live' });
    } catch (error) {
      if (!(error instanceof AppError) || typeof error.retry !== 'object') throw error;
      await sleep(error.retry.afterMs);
    }
  }
}

/** A request for the details and one for the transcript of each call, at the same pace and without a refusal. */
async function oneByOne(kit: GongApiKit, calls: readonly GongCallBody[]): Promise<void> {
  for (const { callData } of calls) {
    await kit.client.callDetails([callData.metaData.id]);
    await kit.client.callTranscripts([callData.metaData.id]);
  }
}

function perThousand({ calls, requests, seconds, mostPerSecond, refused }: Run): Record<string, number> {
  return {
    [`requests per ${PER} calls`]: (requests / calls) * PER,
    [`seconds per ${PER} calls`]: (seconds / calls) * PER,
    'most requests in a second': mostPerSecond,
    'refused (429)': refused,
    'calls measured': calls,
  };
}

/** What it costs to get calls and transcripts from Gong, in requests of the company's quota and in time. */
export async function run({ isQuick, say }: Options) {
  const size = isQuick ? 'quick' : 'whole';
  const redis = await startRedis();
  try {
    say(`${BATCHED_CALLS[size]} calls at once, batched by the quota ...`);
    const tributary = await against(redis.url, BATCHED_CALLS[size], batched);
    say(`${ONE_BY_ONE_CALLS[size]} calls, two requests for each ...`);
    const single = await against(redis.url, ONE_BY_ONE_CALLS[size], oneByOne);
    const [ours, theirs] = [perThousand(tributary), perThousand(single)];
    const ratio = (measure: string) => (theirs[measure] ?? 0) / (ours[measure] ?? 1);
    return {
      figures: { tributary: ours, 'one request per call': theirs },
      ratios: {
        'requests, one request per call : tributary': {
          value: ratio(`requests per ${PER} calls`),
          target: { atLeast: 10 },
        },
        'seconds, one request per call : tributary': {
          value: ratio(`seconds per ${PER} calls`),
          target: { atLeast: 10 },
        },
      },
      notes: [
        `one request per call was measured with ${single.calls} calls and scaled to ${PER}: its pace is the quota's`,
        'both share the gate of 2.5 requests a second, so neither is refused; Gong is a simulator that answers at once',
        'batches grow with load: a call that comes alone costs two requests here too',
      ],
    };
  } finally {
    await redis.stop();
  }
}
