import { IsIn, IsString, MaxLength } from 'class-validator';
import { LIVE_STATES, type LiveState } from '../contracts/ports/live-events.port.js';
import { IsPageCursor, IsPageLimit } from './page.query.js';
import { VendorFilterQuery } from './vendor-filter.query.js';
import { MayBeAbsent } from './may-be-absent.decorator.js';

/** `processed`: no queue holds it any more. */
export type EventStatus = LiveState | 'processed';
export const EVENT_STATUSES: readonly EventStatus[] = [...LIVE_STATES, 'processed'];

/** Where to look: the queues and the outbox (cheap), or the warehouse too. */
export const EVENT_SOURCES = ['queues', 'warehouse'] as const;
export type EventSource = (typeof EVENT_SOURCES)[number];

/** `GET /admin/events?vendor=gong&entity=…&status=failed&since=…` */
export class EventSearchQuery extends VendorFilterQuery {
  /** The vendor's id of the call, e-mail, meeting or record. */
  @MayBeAbsent()
  @IsString()
  @MaxLength(256)
  entity?: string;

  @MayBeAbsent()
  @IsIn(EVENT_STATUSES)
  status?: EventStatus;

  @MayBeAbsent()
  @IsIn(EVENT_SOURCES)
  source?: EventSource;

  @IsPageLimit()
  limit?: string;

  @IsPageCursor()
  cursor?: string;
}
