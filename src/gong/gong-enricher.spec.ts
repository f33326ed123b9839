import { loadConfig } from '../config/load-config.js';
import type { EnrichedRecord } from '../contracts/conversation.js';
import { AppError, type ErrorCode } from '../contracts/errors.js';
import type { Json, JsonObject } from '../contracts/json.js';
import type { CallFindings, Found } from './api/gong-call.batches.js';
import { GongEnricher } from './gong-enricher.js';

const CALL_DATA: JsonObject = {
  metaData: { title: 'Renewal', started: '2026-03-04T10:00:00-05:00', duration: 600, scope: 'External' },
  parties: [{ id: 'p1', userId: 'u1', speakerId: 's1', affiliation: 'Internal' }],
};
const FETCHED: JsonObject = {
  metaData: { id: '1', title: 'Renewal, as the API says', duration: null },
  content: { brief: 'They may not renew.', trackers: [] },
};
const TRANSCRIPT: Json[] = [{ speakerId: 's1', sentences: [{ start: 1, end: 2, text: 'Hello.' }] }];

const found = <T>(value: T): Found<T> => ({ state: 'found', value });
const ABSENT = { state: 'absent' } as const;
const failed = (code: ErrorCode, afterMs?: number) =>
  ({
    state: 'failed',
    error: new AppError(code, `says ${code}`, afterMs === undefined ? 'never' : { afterMs }),
  }) as const;
const bothFailed = (code: ErrorCode, afterMs?: number): CallFindings => {
  const part = failed(code, afterMs);
  return { details: part, transcript: part };
};

interface Situation {
  readonly round?: number;
  readonly ageMs?: number;
  readonly isPrivate?: boolean;
  readonly callId?: string;
  readonly environment?: Record<string, string>;
}

function enrich(findings: CallFindings | AppError, situation: Situation = {}): Promise<EnrichedRecord> {
  const {
    round = 0,
    ageMs = 0,
    isPrivate = false,
    callId = '81234567890123456789',
    environment = {},
  } = situation;
  const find = () => (findings instanceof AppError ? Promise.reject(findings) : Promise.resolve(findings));
  const people = new Map([
    [
      'u1',
      { id: 'u1', name: 'Sam Okafor', emailAddress: 'sam@northwind.example', title: 'AE', isActive: true },
    ],
  ]);
  const users = { find: () => Promise.resolve(people) };
  const enricher = new GongEnricher(loadConfig(environment), { areConfigured: true }, { find }, users);
  const call = { isTest: false, isPrivate, callData: CALL_DATA, callId };
  const receivedAt = new Date(Date.now() - ageMs).toISOString();
  return enricher.enrich({ call, kind: 'call', round, receivedAt, purpose: 'live' });
}

const NOT_TO_BE_ASKED = new AppError('STAGE.FAILED', 'this call is not to be asked for');

describe('GongEnricher', () => {
  it('makes webhook, API and transcript one full record', async () => {
    const record = await enrich({ details: found(FETCHED), transcript: found(TRANSCRIPT) });
    expect(record.enrichment).toEqual({ status: 'full' });
    expect(record.conversation).toMatchObject({
      title: 'Renewal, as the API says',
      titleField: 'call.metaData.title',
      durationSeconds: 600,
      utcOffsetMinutes: -300,
      parties: [{ name: 'Sam Okafor', emailAddress: 'sam@northwind.example' }],
      utterances: [{ text: 'Hello.', partyIndex: 0, field: 'transcript[0].sentences[0].text' }],
      signals: { brief: { text: 'They may not renew.', field: 'call.content.brief' } },
    });
    expect(record.details).toMatchObject({ revision: 2, transcript: TRANSCRIPT });
  });

  it.each([
    ['no transcript yet', { details: found(FETCHED), transcript: ABSENT }, 1],
    ['a transcript without a word', { details: found(FETCHED), transcript: found([]) }, 1],
    ['nothing yet', { details: ABSENT, transcript: ABSENT }, 0],
    ['only the transcript yet', { details: ABSENT, transcript: found(TRANSCRIPT) }, 1],
  ])('gives a partial record and asks again for %s', async (_what, findings, revision) => {
    const record = await enrich(findings);
    expect(record.enrichment.status).toBe('partial');
    expect(record.enrichment.askAgainAfterMs).toBeGreaterThanOrEqual(22_500);
    expect(record.enrichment.askAgainAfterMs).toBeLessThanOrEqual(30_000);
    expect(record.details).toMatchObject({ revision });
  });

  it('gives up asking after a day', async () => {
    const { enrichment } = await enrich({ details: found(FETCHED), transcript: ABSENT }, { round: 14 });
    expect(enrichment).toEqual({ status: 'partial', skippedBecause: 'Gong does not have a transcript yet' });
  });

  it('keeps what came when one of the two requests failed, and asks again when that is over', async () => {
    const record = await enrich({
      details: found(FETCHED),
      transcript: failed('GONG.RATE_LIMITED', 3_600_000),
    });
    expect(record.conversation.title).toBe('Renewal, as the API says');
    expect(record.enrichment.askAgainAfterMs).toBeGreaterThan(3_200_000);
  });

  it.each(['GONG.RATE_LIMITED', 'GONG.UNAVAILABLE', 'GONG.CURSOR_EXPIRED'] as const)(
    'waits for a short %s',
    async (code) => {
      await expect(enrich(bothFailed(code, 15_000))).rejects.toMatchObject({
        code,
        retry: { afterMs: 15_000 },
      });
      await expect(enrich(new AppError(code, 'refused', { afterMs: 900 }))).rejects.toMatchObject({
        retry: { afterMs: 900 },
      });
    },
  );

  it.each([
    ['a long limit', bothFailed('GONG.RATE_LIMITED', 3_600_000), 0, 3_300_000],
    ['short limits one after the other', bothFailed('GONG.RATE_LIMITED', 5_000), 28_000, 11_000],
    ['a fault that lasts', bothFailed('GONG.UNAVAILABLE', 5_000), 28_000, 11_000],
    ['cursors that expire before a list ends', bothFailed('GONG.CURSOR_EXPIRED', 5_000), 28_000, 11_000],
    ['a long rest of the breaker', bothFailed('GONG.UNAVAILABLE', 60_000), 0, 45_000],
    ['credentials that are refused', bothFailed('GONG.CREDENTIALS_REFUSED', 300_000), 0, 225_000],
    ['a missing scope', bothFailed('GONG.SCOPE_MISSING', 300_000), 0, 225_000],
  ])('gives the record of the webhook at once for %s', async (_what, findings, ageMs, leastMs) => {
    const record = await enrich(findings, { ageMs });
    expect(record).toMatchObject({ enrichment: { status: 'partial' }, conversation: { title: 'Renewal' } });
    expect(record.enrichment.askAgainAfterMs).toBeGreaterThanOrEqual(leastMs);
    expect(record.details).toMatchObject({ revision: 0 });
  });

  it('leaves the record that exists alone while Gong is out of order, calmer the longer it lasts', async () => {
    const waits = [60_000, 3_600_000, 20 * 3_600_000].map((ageMs) =>
      enrich(bothFailed('GONG.UNAVAILABLE', 5_000), { round: 1, ageMs }).catch(
        (error: AppError) => error.retry,
      ),
    );
    expect(await Promise.all(waits)).toEqual([
      { afterMs: expect.closeTo(15_000, -2) as number },
      { afterMs: expect.closeTo(900_000, -2) as number },
      { afterMs: 1_800_000 },
    ]);
  });

  it('ends with what there is when Gong refuses the request itself', async () => {
    const { enrichment } = await enrich(bothFailed('GONG.REQUEST_REFUSED'));
    expect(enrichment).toEqual({ status: 'partial', skippedBecause: 'says GONG.REQUEST_REFUSED' });
  });

  it('lets a mistake of ours be one', async () => {
    const mistake = new AppError('STAGE.FAILED', 'odd', 'backoff');
    await expect(enrich(mistake)).rejects.toBe(mistake);
  });

  it('asks for no private call, unless configured', async () => {
    const withheld = await enrich(NOT_TO_BE_ASKED, { isPrivate: true });
    expect(withheld).toMatchObject({ isWithheld: true, enrichment: { status: 'partial' } });
    expect(withheld.enrichment.askAgainAfterMs).toBeUndefined();
    const findings = { details: found(FETCHED), transcript: found(TRANSCRIPT) };
    const environment = { GONG_INCLUDE_PRIVATE_CALLS: 'true' };
    expect(await enrich(findings, { isPrivate: true, environment })).toMatchObject({
      isWithheld: false,
      enrichment: { status: 'full' },
    });
  });

  it('withholds a call that was made private after its webhook, with all that was fetched', async () => {
    const details = found({ ...FETCHED, metaData: { isPrivate: true, title: 'Secret' } });
    const record = await enrich({ details, transcript: found(TRANSCRIPT) });
    expect(record).toMatchObject({ isWithheld: true, subject: { title: null } });
    expect(JSON.stringify(record)).not.toContain('Hello.');
  });

  it('does not ask Gong for the id of a relay', async () => {
    const record = await enrich(NOT_TO_BE_ASKED, { callId: 'relay-7' });
    expect(record.enrichment).toEqual({ status: 'partial', skippedBecause: 'the id is none of Gong' });
  });
});
