import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import type { AppError } from '../contracts/errors.js';
import type { VendorEvent } from '../contracts/event.js';
import type { JsonObject } from '../contracts/json.js';
import type { SyncCause } from '../contracts/ports/account-sync.port.js';
import type { TableRow } from '../contracts/tables.js';
import type { StageName } from './pipeline.flow.js';

const WORKER_ID = `${hostname()}:${process.pid}`;
const MAX_MESSAGE_LENGTH = 4096;

/** What the audit trail says of an event besides what happened to it. */
type TracedEvent = Pick<VendorEvent, 'eventId' | 'vendor' | 'kind' | 'correlationId' | 'replay'>;

export interface StageRun {
  readonly event: TracedEvent;
  readonly jobId: string;
  /** `remember` is also the sync of the account that the event concerns. */
  readonly stage: StageName;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** How often the vendor was asked again; 0 at first. */
  readonly round: number;
  /** How often the job was started, waits included; tells one wait from the next. */
  readonly start: number;
  readonly status: 'completed' | 'skipped' | 'ignored' | 'failed' | 'waiting';
  readonly durationMs: number;
  readonly details?: JsonObject;
  readonly error?: AppError;
}

/**
 * One stage of one attempt in the audit trail. A repeated write is the same row: the id says what it is about.
 * Waits of one attempt are told apart by when they began; a stage is done once in each round.
 */
export function historyRow(run: StageRun): TableRow {
  const { event, error } = run;
  const which = run.status === 'waiting' ? `waiting ${run.start}` : `round ${run.round}`;
  const identity = [event.eventId, run.jobId, run.stage, run.attempt, which, event.replay?.at ?? ''].join(
    '|',
  );
  return {
    table: 'WEBHOOK_PROCESSING_HISTORY',
    values: {
      HISTORY_ID: createHash('sha256').update(identity).digest('hex'),
      TENANT: 'main',
      EVENT_ID: event.eventId,
      SOURCE: event.vendor,
      EVENT_TYPE: event.kind,
      STAGE: run.stage,
      STATUS: run.status,
      ATTEMPT: run.attempt,
      ERROR_CLASS: error?.name ?? null,
      ERROR_CODE: error?.code ?? null,
      ERROR_MESSAGE: error?.message.slice(0, MAX_MESSAGE_LENGTH) ?? null,
      DURATION_MS: Math.round(run.durationMs),
      WORKER_ID,
      TRACE_ID: event.correlationId,
      DETAILS: detailsOf(run),
      OCCURRED_AT: new Date().toISOString(),
    },
  };
}

function detailsOf({ details, event }: StageRun): string | null {
  const { replay } = event;
  if (details === undefined && replay === undefined) return null;
  return JSON.stringify({
    ...details,
    ...(replay !== undefined && {
      replayOf: replay.of,
      replayedBy: replay.by,
      ...(replay.id !== undefined && { replayId: replay.id }),
    }),
  });
}

/** What the sync of its account has done with an event. */
export function syncHistoryRow(
  { eventId, correlationId, vendor, kind }: SyncCause,
  run: Omit<StageRun, 'event' | 'stage' | 'round' | 'start'>,
): TableRow {
  return historyRow({
    ...run,
    round: 0,
    start: run.attempt,
    event: { eventId, correlationId, vendor, kind },
    stage: 'remember',
  });
}
