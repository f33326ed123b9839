import type { StageRecord } from '../contracts/ports/warehouse-reader.port.js';
import type { Vendor } from '../contracts/vendor.js';

/** One stage of one attempt, with what it waited for. */
export interface TimelineEntry extends StageRecord {
  /** E.g. `waiting for gong until 2026-03-04T14:32:00.000Z`; null where it did not wait. */
  readonly wait: string | null;
}

/** Stages that ended in the same millisecond stand in the order in which they run. */
const STAGE_ORDER = ['land', 'enrich', 'analyse', 'store', 'notify', 'remember', 'assign'];

/** The stages in their order; a row that was on its way and has arrived meanwhile is there once. */
export function timelineOf(records: readonly StageRecord[], vendor: Vendor): TimelineEntry[] {
  const unique = new Map(records.map((record) => [identityOf(record), record]));
  return [...unique.values()].sort(compare).map((record) => ({ ...record, wait: waitOf(record, vendor) }));
}

function identityOf({ stage, status, attempt, endedAt, workerId }: StageRecord): string {
  return [stage, status, attempt, Date.parse(endedAt), workerId].join('|');
}

function compare(left: StageRecord, right: StageRecord): number {
  const byTime = Date.parse(left.endedAt) - Date.parse(right.endedAt);
  return byTime === 0 ? STAGE_ORDER.indexOf(left.stage) - STAGE_ORDER.indexOf(right.stage) : byTime;
}

function waitOf({ status, error, details }: StageRecord, vendor: Vendor): string | null {
  if (status !== 'waiting') return null;
  const askAgainAt = details?.askAgainAt;
  if (typeof askAgainAt === 'string') return `waiting for ${vendor} until ${askAgainAt}`;
  return error === null ? `waiting for ${vendor}` : `waiting for ${vendor}: ${error.code} ${error.message}`;
}
