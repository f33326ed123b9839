import { Inject, Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import type { EnrichedRecord } from '../contracts/conversation.js';
import { AppError, toAppError } from '../contracts/errors.js';
import type { Json, JsonObject } from '../contracts/json.js';
import type { CallFindings, Found } from './api/gong-call.batches.js';
import { GongCallLookup } from './api/gong-call.lookup.js';
import { GongCredentials } from './api/gong-credentials.js';
import type { QuotaPurpose } from './api/gong-quota.gate.js';
import { GongUserDirectory } from './api/gong-user.directory.js';
import { askAgainAfterMs, meetingOthersMs } from './ask-again.js';
import { isJsonObject } from './gong-call.payload.js';
import { callRecord, type UnderstoodCall } from './gong-call.record.js';
import { CallSources } from './gong-call.sources.js';

/** A call to be enriched, and how far that has come. */
export interface CallToEnrich {
  readonly call: UnderstoodCall;
  readonly kind: 'call' | 'meeting';
  /** 0 at first. */
  readonly round: number;
  /** ISO 8601, UTC. */
  readonly receivedAt: string;
  /** Which part of the quota it may spend. */
  readonly purpose: QuotaPurpose;
}

/** A part that is missing: why, and when to ask again; null for never. */
interface Lack {
  readonly reason: string;
  readonly waitMs: number | null;
}

/** A wait as short as this is spent waiting. */
const SHORT_WAIT_MS = 15_000;
/** How long after its webhook a call may have neither row nor message, because short waits follow each other. */
const WITHOUT_ROW_MS = 20_000;
/** While Gong is out of order a call with a row asks again after a quarter of its age, within these bounds. */
const LEAST_FAULT_WAIT_MS = 15_000;
const LONGEST_FAULT_WAIT_MS = 30 * 60_000;
const DAY_MS = 24 * 3_600_000;

/** Gong's ids of calls are digits; a relay's own id is nothing that Gong could be asked for. */
const GONG_CALL_ID = /^\d{1,20}$/;

/**
 * Adds to a call what Gong's API knows of it. Whatever is wrong with Gong never fails the call: short limits are waited
 * for, everything else gives a partial record now and the rest later.
 */
@Injectable()
export class GongEnricher {
  constructor(
    private readonly config: AppConfig,
    @Inject(GongCredentials) private readonly credentials: Pick<GongCredentials, 'areConfigured'>,
    @Inject(GongCallLookup) private readonly lookup: Pick<GongCallLookup, 'find'>,
    @Inject(GongUserDirectory) private readonly users: Pick<GongUserDirectory, 'find'>,
  ) {}

  /** Why this call is not asked for; null when it is. */
  skippedBecause(call: UnderstoodCall): string | null {
    if (!this.credentials.areConfigured) return 'no Gong API credentials are configured';
    if (this.isWithheld(call.isPrivate)) return 'private calls are not fetched (GONG_INCLUDE_PRIVATE_CALLS)';
    return GONG_CALL_ID.test(call.callId) ? null : 'the id is none of Gong';
  }

  /**
   * @throws AppError `GONG.RATE_LIMITED` or `GONG.UNAVAILABLE` with `{ afterMs }`: at first for short waits only, later,
   * when the call has its row, for as long as nothing new can be had.
   */
  async enrich(work: CallToEnrich): Promise<EnrichedRecord> {
    const skippedBecause = this.skippedBecause(work.call);
    if (skippedBecause !== null) return this.unfetched(work, { status: 'partial', skippedBecause });
    const findings = await this.lookup.find(work.call.callId, work.purpose).catch(noFindings);
    const { details, transcript } = findings;
    for (const part of [details, transcript]) {
      if (part.state === 'failed' && isOurFault(part.error)) throw part.error;
    }
    if (details.state === 'failed' && transcript.state === 'failed') {
      return this.afterFailure(work, details.error);
    }
    const isPrivate = details.state === 'found' && isMarkedPrivate(details.value);
    if (this.isWithheld(isPrivate)) {
      const reason = 'private calls are not analysed (GONG_INCLUDE_PRIVATE_CALLS)';
      return this.unfetched(work, { status: 'partial', skippedBecause: reason }, true);
    }
    return this.fetched(work, findings);
  }

  /** The call as its webhook tells it. */
  private unfetched(
    { call, kind }: CallToEnrich,
    enrichment: EnrichedRecord['enrichment'],
    isPrivate = call.isPrivate,
  ): EnrichedRecord {
    return callRecord({
      callId: call.callId,
      kind,
      sources: new CallSources(call.callData, null),
      isFetched: false,
      transcript: null,
      isWithheld: this.isWithheld(isPrivate),
      enrichment,
    });
  }

  private async fetched({ call, kind, round }: CallToEnrich, found: CallFindings): Promise<EnrichedRecord> {
    const { details, transcript } = withoutSilence(found);
    const fetchedCall = details.state === 'found' ? details.value : null;
    const sources = new CallSources(call.callData, fetchedCall);
    const people = await this.users.find(sources.unnamedUserIds());
    const lacks = [lackOf(details, 'the call', round), lackOf(transcript, 'a transcript', round)].filter(
      (lack) => lack !== null,
    );
    return callRecord({
      callId: call.callId,
      kind,
      sources: sources.naming(people),
      isFetched: fetchedCall !== null,
      transcript: transcript.state === 'found' ? transcript.value : null,
      isWithheld: false,
      enrichment: enrichmentOf(lacks),
    });
  }

  /** Nothing could be had. The first time that may give a record without it; later the one that exists stays. */
  private afterFailure(work: CallToEnrich, error: AppError): EnrichedRecord {
    const ageMs = Math.max(0, Date.now() - Date.parse(work.receivedAt));
    if (work.round === 0) {
      const waitMs = isPassing(error) ? afterMsOf(error) : Infinity;
      if (waitMs <= SHORT_WAIT_MS && ageMs + waitMs <= WITHOUT_ROW_MS) throw error;
    } else if (isPassing(error) || (isDenied(error) && ageMs < DAY_MS)) {
      throw waitingFor(error, ageMs);
    }
    return this.unfetched(work, enrichmentOf([lackAfter(error, work.round)]));
  }

  private isWithheld(isPrivate: boolean): boolean {
    return isPrivate && !this.config.GONG_INCLUDE_PRIVATE_CALLS;
  }
}

function noFindings(thrown: unknown): CallFindings {
  const failed = { state: 'failed', error: toAppError(thrown) } as const;
  return { details: failed, transcript: failed };
}

/** A transcript without a word is not ready yet, as far as anybody can tell. */
function withoutSilence({ details, transcript }: CallFindings): CallFindings {
  const isSilent = transcript.state === 'found' && transcript.value.length === 0;
  return { details, transcript: isSilent ? { state: 'absent' } : transcript };
}

function isMarkedPrivate(call: JsonObject): boolean {
  return isJsonObject(call.metaData) && call.metaData.isPrivate === true;
}

function lackOf(found: Found<Json | JsonObject | readonly Json[]>, what: string, round: number): Lack | null {
  if (found.state === 'found') return null;
  if (found.state === 'failed') return lackAfter(found.error, round);
  const plannedMs = askAgainAfterMs(round);
  const waitMs = plannedMs === null ? null : meetingOthersMs(plannedMs, Date.now());
  return { reason: `Gong does not have ${what} yet`, waitMs };
}

function lackAfter(error: AppError, round: number): Lack {
  const reason = error.message;
  if (isPassing(error)) return { reason, waitMs: Math.max(afterMsOf(error), LEAST_FAULT_WAIT_MS) };
  // Whoever may mend the credentials has a day, as transcripts have.
  const plannedMs = isDenied(error) ? askAgainAfterMs(round) : null;
  return { reason, waitMs: plannedMs === null ? null : Math.max(plannedMs, afterMsOf(error)) };
}

function enrichmentOf(lacks: readonly Lack[]): EnrichedRecord['enrichment'] {
  if (lacks.length === 0) return { status: 'full' };
  const skippedBecause = lacks.map(({ reason }) => reason).join('; ');
  const waits = lacks.flatMap(({ waitMs }) => waitMs ?? []);
  if (waits.length === 0) return { status: 'partial', skippedBecause };
  return { status: 'partial', skippedBecause, askAgainAfterMs: Math.max(...waits) };
}

/** Limits and faults pass by themselves, and a list whose cursors died before its end is begun anew. */
function isPassing({ code }: AppError): boolean {
  return code === 'GONG.RATE_LIMITED' || code === 'GONG.UNAVAILABLE' || code === 'GONG.CURSOR_EXPIRED';
}

/** What nobody foresaw is a mistake of ours: that may become a dead letter. */
function isOurFault({ code }: AppError): boolean {
  return !code.startsWith('GONG.');
}

function isDenied({ code }: AppError): boolean {
  return code === 'GONG.CREDENTIALS_REFUSED' || code === 'GONG.SCOPE_MISSING';
}

function afterMsOf({ retry }: AppError): number {
  return typeof retry === 'object' ? retry.afterMs : LEAST_FAULT_WAIT_MS;
}

/** A limit says when it ends; a fault does not, so the longer it lasts the longer the next wait. */
function waitingFor(error: AppError, ageMs: number): AppError {
  const calmMs = Math.min(Math.max(ageMs / 4, LEAST_FAULT_WAIT_MS), LONGEST_FAULT_WAIT_MS);
  const afterMs = error.code === 'GONG.RATE_LIMITED' ? afterMsOf(error) : Math.max(afterMsOf(error), calmMs);
  return new AppError(error.code, error.message, { afterMs }, { cause: error });
}
