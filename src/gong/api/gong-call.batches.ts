import { setTimeout as sleep } from 'node:timers/promises';
import type { AppConfig } from '../../config/app-config.js';
import { type AppError, toAppError } from '../../contracts/errors.js';
import type { Json, JsonObject } from '../../contracts/json.js';
import { type GongApiClient, type GongAsk, MOST_IDS } from './gong-api.client.js';
import { GongApiError, gongRateLimited } from './gong-api.errors.js';
import type { GongApiTimings } from './gong-api.timings.js';
import type { GongApiTransport } from './gong-api.transport.js';
import type { QuotaPurpose } from './gong-quota.gate.js';

/** One part of what Gong knows of a call: it is there, Gong does not have it (yet), or we could not ask. */
export type Found<T> =
  | { readonly state: 'found'; readonly value: T }
  | { readonly state: 'absent' }
  | { readonly state: 'failed'; readonly error: AppError };

export interface CallFindings {
  /** The call as POST /v2/calls/extensive gives it. */
  readonly details: Found<JsonObject>;
  /** Its turns as POST /v2/calls/transcript gives them. */
  readonly transcript: Found<readonly Json[]>;
}

interface Waiter {
  readonly since: number;
  readonly resolve: (findings: CallFindings) => void;
  readonly reject: (error: unknown) => void;
}

type Ask<T> = (callIds: readonly string[], ask: GongAsk) => Promise<Map<string, T>>;

const ABSENT = { state: 'absent' } as const;
const LEAST_RETURN_MS = 2_000;
/** Enough to find one odd id among MOST_IDS; a refusal that concerns them all must not cost a hundred requests. */
const MOST_SPLITS = 8;
const REQUESTS_PER_BATCH = 2;

/**
 * Looks calls up in batches that the quota itself forms: while the next request has to wait for its token, ids gather;
 * the batch is closed at the moment of the token. So a lone call waits `collectMs`, and hundreds at once cost two
 * requests for each hundred: one for details, one for transcripts, and the failure of one leaves the other.
 * All of them are for one purpose.
 */
export class GongCallBatches {
  /** By call id, in the order of arrival; the same call asked twice is asked once. */
  private waiting = new Map<string, Waiter[]>();
  private isRunning = false;
  private lastCameAt = 0;
  private readonly collectMs: number;
  private readonly longestCollectMs: number;
  private readonly patienceMs: number;
  /** How long a batch takes at the configured rate. */
  private readonly batchMs: number;

  constructor(
    private readonly purpose: QuotaPurpose,
    private readonly client: GongApiClient,
    private readonly transport: GongApiTransport,
    config: AppConfig,
    timings: GongApiTimings,
  ) {
    this.patienceMs = config.WEBHOOK_BATCH_TIMEOUT * 1000;
    this.batchMs = (REQUESTS_PER_BATCH * 1000) / config.GONG_RATE_PER_SECOND;
    this.collectMs = Math.min(timings.collectMs, this.patienceMs);
    this.longestCollectMs = Math.min(timings.longestCollectMs, this.patienceMs);
  }

  find(callId: string): Promise<CallFindings> {
    return new Promise((resolve, reject) => {
      const waiters = this.waiting.get(callId) ?? [];
      this.lastCameAt = performance.now();
      waiters.push({ since: this.lastCameAt, resolve, reject });
      this.waiting.set(callId, waiters);
      if (!this.isRunning) void this.run();
    });
  }

  private async run(): Promise<void> {
    this.isRunning = true;
    while (this.waiting.size > 0) {
      try {
        await this.nextBatch();
      } catch (error) {
        this.refuse([...this.waiting.keys()], error);
      }
    }
    this.isRunning = false;
  }

  /** @throws what all who wait are refused with. */
  private async nextBatch(): Promise<void> {
    await this.collected();
    await this.token(this.patienceMs);
    const batch = this.closedBatch();
    const ids = [...batch.keys()];
    const details = this.parts(ids, (asked, ask) => this.client.callDetails(asked, ask));
    // The second token comes before the next batch asks for its first: what was begun is finished first, and a batch
    // without its transcripts would have to be asked for once more.
    const failure = await this.token().then(() => null, toAppError);
    const transcripts =
      failure === null
        ? this.parts(ids, (asked, ask) => this.client.callTranscripts(asked, ask))
        : Promise.resolve(allFailed<readonly Json[]>(ids, failure));
    void this.answer(batch, details, transcripts);
  }

  private async token(patienceMs?: number): Promise<void> {
    this.transport.assertAvailable();
    await this.transport.takeToken(this.purpose, patienceMs);
  }

  /** Waits while more look-ups come, unless a batch is full already or the first one has waited long enough. */
  private async collected(): Promise<void> {
    for (;;) {
      const [[first] = []] = this.waiting.values();
      if (first === undefined || this.waiting.size >= MOST_IDS) return;
      const end = Math.min(this.lastCameAt + this.collectMs, first.since + this.longestCollectMs);
      const remainingMs = end - performance.now();
      if (remainingMs <= 0) return;
      await sleep(remainingMs);
    }
  }

  /** The first MOST_IDS; who is left and has waited too long is sent away, to come back when it is their turn. */
  private closedBatch(): Map<string, Waiter[]> {
    const entries = [...this.waiting];
    this.waiting = new Map(entries.slice(MOST_IDS));
    const late = [...this.waiting].filter(
      ([, [longest]]) => longest !== undefined && performance.now() - longest.since > this.patienceMs,
    );
    const batches = Math.ceil(this.waiting.size / MOST_IDS);
    const afterMs = Math.max(LEAST_RETURN_MS, batches * this.batchMs);
    this.refuse(
      late.map(([id]) => id),
      gongRateLimited('too many calls wait for the quota of Gong', afterMs),
    );
    return new Map(entries.slice(0, MOST_IDS));
  }

  private async answer(
    batch: ReadonlyMap<string, Waiter[]>,
    askedDetails: Promise<Map<string, Found<JsonObject>>>,
    askedTranscripts: Promise<Map<string, Found<readonly Json[]>>>,
  ): Promise<void> {
    const [details, transcripts] = await Promise.all([askedDetails, askedTranscripts]);
    for (const [id, waiters] of batch) {
      const findings = { details: details.get(id) ?? ABSENT, transcript: transcripts.get(id) ?? ABSENT };
      for (const { resolve } of waiters) resolve(findings);
    }
  }

  /** What one request brings for each call; never rejects. */
  private async parts<T>(
    ids: readonly string[],
    ask: Ask<T>,
    hasToken = true,
    extra = { splits: MOST_SPLITS, repeats: 1 },
  ): Promise<Map<string, Found<T>>> {
    try {
      const found = await ask(ids, { purpose: this.purpose, hasToken });
      return new Map([...found].map(([id, value]) => [id, { state: 'found', value }]));
    } catch (thrown) {
      const error = toAppError(thrown);
      const status = error instanceof GongApiError ? error.status : '';
      // Others of the company ask too: the next token comes after the pause, or not at all if that is long.
      if (status === '429' && extra.repeats-- > 0) return this.parts(ids, ask, false, extra);
      // One odd id must not cost the others their answer.
      const mayBeOneOfThem = status === '400' && ids.length > 1 && extra.splits-- > 0;
      return mayBeOneOfThem ? this.halves(ids, ask, extra) : allFailed(ids, error);
    }
  }

  private async halves<T>(
    ids: readonly string[],
    ask: Ask<T>,
    extra: { splits: number; repeats: number },
  ): Promise<Map<string, Found<T>>> {
    const middle = Math.ceil(ids.length / 2);
    const first = await this.parts(ids.slice(0, middle), ask, false, extra);
    return new Map([...first, ...(await this.parts(ids.slice(middle), ask, false, extra))]);
  }

  private refuse(ids: readonly string[], error: unknown): void {
    for (const id of ids) {
      const waiters = this.waiting.get(id) ?? [];
      this.waiting.delete(id);
      for (const { reject } of waiters) reject(error);
    }
  }
}

function allFailed<T>(ids: readonly string[], error: AppError): Map<string, Found<T>> {
  return new Map(ids.map((id) => [id, { state: 'failed', error }]));
}
