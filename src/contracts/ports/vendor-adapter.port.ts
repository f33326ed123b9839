import { DiscoveryService } from '@nestjs/core';
import type { EnrichedRecord } from '../conversation.js';
import type { IncomingEvent, VendorEvent } from '../event.js';
import type { Analysis } from '../insight.js';
import type { TableRow } from '../tables.js';
import type { EventKind, Vendor } from '../vendor.js';

/** A webhook request as the guard sees it: the bytes exactly as they arrived, before any parsing. */
export interface SignedRequest {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Path and query as requested, e.g. `/webhook/gong/calls?key=…`. */
  readonly url: string;
}

/** Proof that a request came from the vendor. */
export interface VerifiedSender {
  /** Which key verified it: a fingerprint, never the key. */
  readonly signingKeyId: string;
  /** sha256 in hex of the received bytes. */
  readonly bodySha256: string;
  /**
   * Identifies this one delivery, for bodies that name no object: the same request repeated gives the same.
   * Null where the proof does not change with the delivery; such bodies cannot be told apart.
   */
  readonly deliveryFingerprint: string | null;
  /** How long this very request could still be replayed; the dedupe key must live at least as long. */
  readonly replayableForSeconds: number;
}

/** What a verified body holds: nothing to process (`test`), or events. */
export type ReadResult =
  { readonly type: 'test' } | { readonly type: 'events'; readonly events: readonly IncomingEvent[] };

/** What an event turned out to be, once its vendor's adapter has understood it. */
export type Enriched =
  | { readonly type: 'conversation'; readonly record: EnrichedRecord }
  /** There is nothing more to do; the history says why. */
  | {
      readonly type: 'finished';
      readonly status: 'completed' | 'ignored' | 'skipped';
      readonly reason: string;
    };

/** All that the house needs to know of a vendor. One implementation per vendor, marked `@VendorAdapterFor`. */
export interface VendorAdapter {
  /** The content types its webhooks come in. */
  readonly contentTypes: readonly string[];
  /** @throws AppError `SIGNATURE.*` unless the request is proven to come from the vendor. */
  verify(request: SignedRequest): Promise<VerifiedSender>;
  /**
   * Splits a verified body into events. A body that is JSON but not understood is an event too.
   * @throws AppError `PAYLOAD.NOT_JSON`
   */
  read(kind: EventKind, request: SignedRequest, sender: VerifiedSender): ReadResult;
  /** The row for the vendor's raw table; works for every authentic event. */
  rawRow(event: VendorEvent): TableRow;
  /**
   * The change id that `read` gave the event, made again of its stored body. Never fails: null for a body that is
   * not understood.
   */
  changeIdOf(event: VendorEvent): string | null;
  /** Whether `enrich` will wait for the vendor's API; such events wait in a queue of their own. */
  asksApi(event: VendorEvent): boolean;
  /**
   * Adds what the vendor's API knows, as far as it can be had now. What is missing makes a partial record with
   * `askAgainAfterMs`; then it is called again, with the next round.
   * @param round 0 at first.
   * @throws AppError `PAYLOAD.NOT_UNDERSTOOD` for a body that names no object we know; a vendor's limit or
   * fault is an AppError whose `retry` is `{ afterMs }`, for short waits.
   */
  enrich(event: VendorEvent, round: number): Promise<Enriched>;
  /**
   * The rows for the enhanced tables, made of what `enrich` has found: it asks nobody again. More than one where
   * the object is two things, as a recorded web meeting is. `analysis` is null for withheld conversations.
   */
  enhancedRows(event: VendorEvent, record: EnrichedRecord, analysis: Analysis | null): TableRow[];
}

/** Marks a provider as the adapter of a vendor: `@VendorAdapterFor('gong')`. */
export const VendorAdapterFor = DiscoveryService.createDecorator<Vendor>();
