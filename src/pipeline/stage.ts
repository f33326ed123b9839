import type { EnrichedRecord } from '../contracts/conversation.js';
import type { VendorEvent } from '../contracts/event.js';
import type { Analysis } from '../contracts/insight.js';
import type { JsonObject } from '../contracts/json.js';
import type { MatchedAccount } from '../contracts/ports/account-matcher.port.js';
import type { TableRow } from '../contracts/tables.js';
import type { StageName } from './pipeline.flow.js';

/** An event with what the stages before have worked out. */
export interface EventWork {
  readonly event: VendorEvent;
  /** How often the vendor was asked again for what was missing; 0 at first. */
  readonly round: number;
  readonly record?: EnrichedRecord;
  /** The account of the CRM that it is about, where that is known for sure. */
  readonly account?: MatchedAccount;
  /** Null for a conversation that is withheld from analysis. */
  readonly analysis?: Analysis | null;
}

export interface StageResult {
  /** `waiting`: done as far as it can be now; the vendor will be asked again. */
  readonly status: 'completed' | 'skipped' | 'ignored' | 'waiting';
  /** The event ends here; the details say why. */
  readonly isLast?: boolean;
  readonly work: EventWork;
  /** Rows for the warehouse; they are durable before the stage counts as done. */
  readonly rows?: readonly TableRow[];
  /** What a person wants to know of this run; goes into the history row. Never a body. */
  readonly details?: JsonObject;
}

/** One step of the pipeline. It knows neither queue nor retry: the processor owns both. */
export interface Stage {
  readonly name: StageName;
  /** Switched off: the event goes on as if there were no such stage. */
  readonly isOff?: boolean;
  /** Whether it may wait for a vendor's API; then the event moves to the enrichment queue first. */
  waitsForVendor?(event: VendorEvent): boolean;
  /** @throws AppError with its own retry policy; anything else is retried with backoff. */
  run(work: EventWork): Promise<StageResult>;
}

/** What an earlier stage has left; its absence is a mistake in the flow. */
export function required<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`the flow has no ${what} yet`);
  return value;
}
