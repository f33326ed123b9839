import { DiscoveryService } from '@nestjs/core';
import type { JsonObject } from '../json.js';
import type { EventKind, Vendor } from '../vendor.js';

/** A span of time, ISO 8601 in UTC: `since` belongs to it, `until` does not. */
export interface TimeSpan {
  readonly since: string;
  readonly until: string;
}

/** A part of a span that is compared by itself; a `type`, because it has to be JSON. */
export type ReconciliationSlice = {
  readonly since: string;
  readonly until: string;
  /** Which of the vendor's lists, e.g. a module. */
  readonly list: string;
};

/** A change that the vendor lists, and the event that would have told us of it. */
export interface ListedChange {
  readonly changeId: string;
  /** Change ids under which the same change may have come in too. */
  readonly aliases?: readonly string[];
  readonly kind: EventKind;
  readonly objectId: string;
  /** Made of what the list says, in the shape of the vendor's webhook. */
  readonly body: JsonObject;
}

export interface ListedPage {
  readonly changes: readonly ListedChange[];
  /** Requests it took. */
  readonly requests: number;
  /** Null on the last page of the slice. */
  readonly nextCursor: string | null;
}

/** What a comparison will cost; null for what cannot be known before. */
export interface ReconciliationEstimate {
  readonly objects: number | null;
  readonly requests: number | null;
  /** Days of the vendor's quota, as far as it is left to us; null where the vendor counts otherwise. */
  readonly daysOfQuota: number | null;
}

/** What a vendor's API says has changed. One for each vendor, marked `@ReconciliationSourceFor`. */
export interface ReconciliationSource {
  /** How far back an hourly comparison looks, and a nightly one. */
  readonly lookBackHours: { readonly hourly: number; readonly nightly: number };
  /** Why it cannot run; null when it can. */
  offBecause(): string | null;
  slices(span: TimeSpan): ReconciliationSlice[];
  /** @throws AppError of the vendor's API; its retry policy says when to come back. */
  page(slice: ReconciliationSlice, cursor: string | null): Promise<ListedPage>;
  /** Asks the vendor once at most. */
  estimate(span: TimeSpan): Promise<ReconciliationEstimate>;
}

export const ReconciliationSourceFor = DiscoveryService.createDecorator<Vendor>();

export type ReconciliationMode = 'hourly' | 'nightly' | 'backfill';
export type ReconciliationStatus = 'waiting' | 'running' | 'paused' | 'done' | 'cancelled' | 'failed';

/** One comparison with a vendor's API. */
export interface ReconciliationRun extends TimeSpan {
  readonly id: string;
  readonly vendor: Vendor;
  readonly mode: ReconciliationMode;
  readonly status: ReconciliationStatus;
  readonly slices: number;
  readonly slicesDone: number;
  /** Changes that the vendor lists, as far as it has come. */
  readonly seen: number;
  /** Those that no webhook had brought; all of them, of which `missedIds` names the first thousand. */
  readonly missed: number;
  readonly missedIds: readonly string[];
  /** Missed and durably queued. */
  readonly repaired: number;
  /** Requests for the lists; what the events ask later is counted with all other requests. */
  readonly quotaUsed: number;
  readonly startedAt: string;
  readonly endedAt: string | null;
  /** Why it waits or has failed: a code and a text. */
  readonly reason: string | null;
}

export interface ReconciliationOverview {
  readonly vendors: readonly {
    readonly vendor: Vendor;
    /** Null when comparisons run. */
    readonly offBecause: string | null;
    /** Webhooks missed in the last seven days. */
    readonly missedThisWeek: number;
  }[];
  /** The latest first. */
  readonly runs: readonly ReconciliationRun[];
}

/** The comparisons, as an operator sees and commands them. */
export interface Reconciliation {
  overview(limit: number): Promise<ReconciliationOverview>;
  find(id: string): Promise<ReconciliationRun | undefined>;
  /**
   * What a comparison over a span will cost; nothing is started.
   * @throws AppError as `start` does.
   */
  estimate(vendor: Vendor, span: TimeSpan): Promise<ReconciliationEstimate>;
  /**
   * Starts a comparison over a span.
   * @throws AppError `RECONCILIATION.OFF` without credentials; `REQUEST.INVALID` for a span that is none.
   */
  start(
    vendor: Vendor,
    span: TimeSpan,
  ): Promise<{ readonly run: ReconciliationRun; readonly estimate: ReconciliationEstimate }>;
  /** @returns the run as it is then, or undefined where there is none. */
  command(id: string, command: 'pause' | 'resume' | 'cancel'): Promise<ReconciliationRun | undefined>;
}

export const Reconciliation = Symbol('Reconciliation');
