import { Redis } from 'ioredis';
import type { EnrichedRecord } from '../../../src/contracts/conversation.js';
import type { AppError } from '../../../src/contracts/errors.js';
import { GongCallLookup } from '../../../src/gong/api/gong-call.lookup.js';
import type { GongApiTimings } from '../../../src/gong/api/gong-api.timings.js';
import type { QuotaPurpose } from '../../../src/gong/api/gong-quota.gate.js';
import { GongEnricher } from '../../../src/gong/gong-enricher.js';
import { gongCall, type GongCallBody, type GongCallOverrides } from '../../factories/gong-call.factory.js';
import { type GongApiOptions, GongApiSimulator } from '../../simulators/gong/gong-api.simulator.js';
import { GongApiKit } from '../../support/gong-api-kit.js';
import { startRedis } from '../../support/redis-server.js';
import { waitFor } from '../../support/wait-for.js';

/** For tests that are not about the quota. */
const UNLIMITED = { GONG_RATE_PER_SECOND: '100', GONG_RATE_BURST: '100' };
const IMPATIENT = {
  requestTimeoutMs: 500,
  retryPauseMs: 10,
  firstRestMs: 600,
  longestRestMs: 600,
  collectMs: 50,
};

let server: Awaited<ReturnType<typeof startRedis>>;
let redis: Redis;
let gong: GongApiSimulator;
let kits: GongApiKit[] = [];

beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.url);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});
afterEach(async () => {
  await Promise.all(kits.map((kit) => kit.close()));
  kits = [];
  await gong.close();
});

async function startGong(options: GongApiOptions = {}): Promise<void> {
  await redis.flushdb();
  gong = await GongApiSimulator.start(options);
}

function kit(environment: Record<string, string> = {}, timings: Partial<GongApiTimings> = {}): GongApiKit {
  const made = new GongApiKit(server.url, { ...gong.environment, ...environment }, timings);
  kits.push(made);
  return made;
}

function knownCalls(count: number, overrides: GongCallOverrides = {}): GongCallBody[] {
  return Array.from({ length: count }, (_, index) => {
    const call = gongCall({ seed: 1_000 + index, ...overrides });
    gong.addCall(call);
    return call;
  });
}

function enrich(
  by: GongApiKit,
  { callData }: GongCallBody,
  round = 0,
  ageMs = 0,
  purpose: QuotaPurpose = 'live',
): Promise<EnrichedRecord> {
  const call = { isTest: false, isPrivate: false, callData: callData as never, callId: callData.metaData.id };
  const receivedAt = new Date(Date.now() - ageMs).toISOString();
  return by.enricher.enrich({ call, kind: 'call', round, receivedAt, purpose });
}

describe(GongCallLookup.name, () => {
  it('takes 500 calls at once in ten requests at the true limits of Gong, in the time of those requests', async () => {
    await startGong();
    const calls = knownCalls(500);
    const one = kit();
    const records = await Promise.all(calls.map((call) => enrich(one, call)));
    expect(records.map(({ enrichment }) => enrichment.status)).toEqual(Array(500).fill('full'));
    expect(records.map(({ conversation }) => conversation.objectId)).toEqual(
      calls.map(({ callData }) => callData.metaData.id),
    );
    expect(gong.requests).toHaveLength(10);
    expect(gong.mostPerSecond()).toBeLessThanOrEqual(3);
    expect(gong.requests.every(({ status }) => status === 200)).toBe(true);
  });

  it('shares the limit with another process, and needs hardly more requests', async () => {
    await startGong();
    const calls = knownCalls(500);
    const [one, other] = [kit(), kit()];
    const records = await Promise.all(
      calls.map((call, index) => enrich(index % 2 === 0 ? one : other, call)),
    );
    expect(records.every(({ enrichment }) => enrichment.status === 'full')).toBe(true);
    expect(gong.requests.length).toBeLessThanOrEqual(20);
    expect(gong.mostPerSecond()).toBeLessThanOrEqual(3);
    expect(gong.requests.every(({ status }) => status === 200)).toBe(true);
  });

  it('gives each caller its own call, and the same call to all who ask for it', async () => {
    await startGong({ perSecond: 1_000 });
    const [first, second] = knownCalls(2) as [GongCallBody, GongCallBody];
    const one = kit(UNLIMITED, IMPATIENT);
    const ids = [first, second, first].map(({ callData }) => callData.metaData.id);
    const found = await Promise.all(ids.map((id) => one.lookup.find(id, 'live')));
    for (const [index, { details }] of found.entries()) {
      expect(details).toMatchObject({ state: 'found', value: { metaData: { id: ids[index] } } });
    }
    expect(gong.to('calls/extensive')).toMatchObject([{ callIds: ids.slice(0, 2) }]);
  });

  it('tells a call that Gong does not have from a request that failed', async () => {
    await startGong({ perSecond: 1_000 });
    const [known] = knownCalls(1) as [GongCallBody];
    const one = kit(UNLIMITED, IMPATIENT);
    gong.break({ kind: 'scope-missing', endpoint: 'calls/transcript' });
    const [here, gone] = await Promise.all([
      one.lookup.find(known.callData.metaData.id, 'live'),
      one.lookup.find('404', 'live'),
    ]);
    expect(here).toMatchObject({
      details: { state: 'found' },
      transcript: { state: 'failed', error: { code: 'GONG.SCOPE_MISSING' } },
    });
    expect(gone.details).toEqual({ state: 'absent' });
  });

  it('does not let one id that Gong refuses cost the others their answer', async () => {
    await startGong({ perSecond: 1_000 });
    const calls = knownCalls(20);
    const odd = calls[7]?.callData.metaData.id ?? '';
    gong.break({ kind: 'bad-request', callId: odd });
    const one = kit(UNLIMITED, IMPATIENT);
    const found = await Promise.all(
      calls.map(({ callData }) => one.lookup.find(callData.metaData.id, 'live')),
    );
    expect(found.filter(({ details }) => details.state === 'found')).toHaveLength(19);
    expect(found[7]).toMatchObject({ details: { error: { code: 'GONG.REQUEST_REFUSED' } } });
  });

  it('asks once more after a short 429, as when others of the company ask too', async () => {
    await startGong({ perSecond: 1_000 });
    const calls = knownCalls(3);
    gong.break({ kind: 'rate-limited', retryAfterSeconds: 1, times: 1, endpoint: 'calls/transcript' });
    const one = kit(UNLIMITED, IMPATIENT);
    const records = await Promise.all(calls.map((call) => enrich(one, call)));
    expect(records.map(({ enrichment }) => enrichment.status)).toEqual(['full', 'full', 'full']);
    const [refused, answered] = gong.to('calls/transcript');
    expect([refused?.status, answered?.status]).toEqual([429, 200]);
    expect((answered?.at ?? 0) - (refused?.at ?? 0)).toBeGreaterThanOrEqual(1_000);
  });

  it('asks for a call that came just now before the hundreds of a backfill, at the true limits', async () => {
    await startGong();
    const old = knownCalls(400);
    const [fresh] = knownCalls(1, { metaData: { id: '99' } }) as [GongCallBody];
    const one = kit({ WEBHOOK_BATCH_TIMEOUT: '30' });
    const ends: string[] = [];
    const ended = (name: string) => () => ends.push(name);
    const backfill = old.map((call) => enrich(one, call, 0, 0, 'reconciliation').then(ended('old')));
    await waitFor('the backfill to be under way', () => gong.requests.length >= 1);
    await enrich(one, fresh).then(ended('fresh'));
    // What was begun when it came may end before it; nothing that had not begun.
    expect(ends.length).toBeLessThanOrEqual(201);
    const asked = gong.to('calls/extensive').findIndex(({ callIds }) => callIds.includes('99'));
    expect(asked).toBeLessThanOrEqual(2);
    await Promise.all(backfill);
    expect(ends).toHaveLength(401);
    expect(gong.mostPerSecond()).toBeLessThanOrEqual(3);
    expect(gong.requests.every(({ status }) => status === 200)).toBe(true);
  });

  it('spends for a backfill its tenth of the budget only, and says when the rest can be asked', async () => {
    await startGong({ perSecond: 1_000 });
    const [first, second, fresh] = knownCalls(3) as [GongCallBody, GongCallBody, GongCallBody];
    const one = kit({ ...UNLIMITED, GONG_DAILY_BUDGET: '20' }, IMPATIENT);
    const byBackfill = (call: GongCallBody) => enrich(one, call, 0, 0, 'reconciliation');
    expect((await byBackfill(first)).enrichment.status).toBe('full');
    const waits = await byBackfill(second);
    expect(waits.enrichment).toMatchObject({
      status: 'partial',
      skippedBecause: expect.stringContaining("reconciliation's part") as string,
    });
    expect((await enrich(one, fresh)).enrichment.status).toBe('full');
    expect(gong.requests).toHaveLength(4);
  });

  it('sends those away for whom there is no token in time, with the time to come back', async () => {
    await startGong();
    const calls = knownCalls(3);
    const one = kit({ GONG_RATE_PER_SECOND: '0.02', WEBHOOK_BATCH_TIMEOUT: '1' }, IMPATIENT);
    await one.gate.take('live', 0);
    for (const call of calls) {
      await expect(one.lookup.find(call.callData.metaData.id, 'live')).rejects.toMatchObject({
        code: 'GONG.RATE_LIMITED',
        retry: { afterMs: expect.closeTo(50_000, -4) as number },
      });
    }
    expect(gong.requests).toHaveLength(0);
  });
});

describe(GongEnricher.name, () => {
  it('completes a record when a late transcript comes', async () => {
    await startGong({ perSecond: 1_000 });
    const call = gongCall({ seed: 5 });
    gong.addCall(call, { transcriptAfterMs: 60_000 });
    const one = kit(UNLIMITED, IMPATIENT);
    const early = await enrich(one, call);
    expect(early.enrichment).toMatchObject({
      status: 'partial',
      skippedBecause: 'Gong does not have a transcript yet',
    });
    expect(early.enrichment.askAgainAfterMs).toBeLessThanOrEqual(30_000);
    gong.addCall(call);
    const late = await enrich(one, call, 1);
    expect(late.enrichment).toEqual({ status: 'full' });
    expect(late.conversation.utterances.length).toBeGreaterThan(5);
  });

  it.each([
    ['an hour of 429', { kind: 'rate-limited', retryAfterSeconds: 3_600 }],
    ['a storm of 500', { kind: 'server-error' }],
    ['sockets that hang', { kind: 'hang' }],
    ['answers that are not JSON', { kind: 'malformed' }],
    ['connections that break', { kind: 'disconnect' }],
  ] as const)(
    'gives every call its partial record during %s, and the whole one afterwards',
    async (_what, fault) => {
      await startGong({ perSecond: 1_000 });
      const calls = knownCalls(30);
      const one = kit(UNLIMITED, IMPATIENT);
      gong.break(fault);
      // Short waits are spent waiting, without an attempt; an event as old as this has waited long enough.
      const during = await Promise.all(calls.map((call) => enrich(one, call, 0, 29_000)));
      expect(new Set(during.map(({ enrichment }) => enrichment.status))).toEqual(new Set(['partial']));
      expect(Math.min(...during.map(({ enrichment }) => enrichment.askAgainAfterMs ?? 0))).toBeGreaterThan(
        10_000,
      );
      const waiting = await enrich(one, calls[0] as GongCallBody, 1).catch((error: AppError) => error.retry);
      expect(waiting).toEqual({ afterMs: expect.any(Number) as number });
      gong.mend();
      await redis.del('{tributary}:gong:gate');
      const again = kit(UNLIMITED, IMPATIENT);
      const afterwards = await Promise.all(calls.map((call) => enrich(again, call, 1)));
      expect(afterwards.every(({ enrichment }) => enrichment.status === 'full')).toBe(true);
    },
  );

  it('spends no request beyond the budget of the day', async () => {
    await startGong({ perSecond: 1_000 });
    const calls = knownCalls(6);
    const one = kit({ ...UNLIMITED, GONG_DAILY_BUDGET: '4' }, IMPATIENT);
    const statuses: string[] = [];
    for (const call of calls) statuses.push((await enrich(one, call)).enrichment.status);
    expect(statuses).toEqual(['full', 'full', 'partial', 'partial', 'partial', 'partial']);
    expect(gong.requests).toHaveLength(4);
  });

  it('names our own people whom a call does not name, with one request for all of them', async () => {
    await startGong({ perSecond: 1_000 });
    const nameless = (seed: number) => {
      const call = gongCall({ seed });
      const parties = call.callData.parties.map((party) =>
        party.affiliation === 'Internal'
          ? { ...party, name: undefined, emailAddress: undefined, userId: '77' }
          : party,
      );
      return gongCall({ seed, parties: parties });
    };
    const calls = [nameless(1), nameless(2), nameless(3)];
    for (const call of calls) gong.addCall(call);
    gong.addUser({ id: '77', emailAddress: 'sam@northwind.example', firstName: 'Sam', lastName: 'Okafor' });
    const one = kit(UNLIMITED, IMPATIENT);
    const records = await Promise.all(calls.map((call) => enrich(one, call)));
    for (const { conversation } of records) {
      expect(conversation.parties).toContainEqual(
        expect.objectContaining({
          name: 'Sam Okafor',
          emailAddress: 'sam@northwind.example',
          side: 'internal',
        }),
      );
    }
    await enrich(kit(UNLIMITED, IMPATIENT), calls[0] as GongCallBody);
    expect(gong.to('users/extensive')).toHaveLength(1);
  });

  it('does without names when users may not be asked for, and asks no second time', async () => {
    await startGong({ perSecond: 1_000 });
    const parties = [
      { id: '1', userId: '9', speakerId: '1', context: [], affiliation: 'Internal', methods: [] },
    ] as const;
    const calls = knownCalls(2, { parties });
    gong.break({ kind: 'scope-missing', endpoint: 'users/extensive' });
    const one = kit(UNLIMITED, IMPATIENT);
    for (const call of calls) expect((await enrich(one, call)).enrichment.status).toBe('full');
    expect(gong.to('users/extensive')).toHaveLength(1);
  });

  it('keeps fields that are not usable as they came, counts them, and lowers the quality', async () => {
    await startGong({ perSecond: 1_000 });
    const call = gongCall({ seed: 3 });
    const metaData = { ...call.callData.metaData, duration: 'an hour', language: 17 };
    const transcript = [{ speakerId: null, sentences: [{ start: 'soon', end: 2, text: 'Hello.' }, 'odd'] }];
    gong.addCall(call, { details: { metaData }, transcript });
    const record = await enrich(kit(UNLIMITED, IMPATIENT), call);
    expect(record.unusableFields).toEqual(
      expect.arrayContaining([
        'call.metaData.duration',
        'transcript[0].sentences[0].start',
        'transcript[0].sentences[1]',
      ]),
    );
    expect(record.conversation.utterances).toMatchObject([{ text: 'Hello.', startMs: null, endMs: 2 }]);
    expect(record.dataQuality).toBeLessThan(1);
    expect(record.details).toMatchObject({ callData: { metaData: { duration: 'an hour' } }, transcript });
  });
});
