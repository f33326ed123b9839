import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import { LIVE_STATES, type LiveState } from '../contracts/ports/live-events.port.js';
import { IsPageCursor, IsPageLimit } from './page.query.js';
import { VendorFilterQuery } from './vendor-filter.query.js';

/** `processed`: no queue holds it any more. */
export type EventStatus = LiveState | 'processed';
const STATUSES: readonly EventStatus[] = [...LIVE_STATES, 'processed'];

/** Where to look: the queues and the outbox (cheap), or the warehouse too. */
export const EVENT_SOURCES = ['queues', 'warehouse'] as const;
export type EventSource = (typeof EVENT_SOURCES)[number];

/** `GET /admin/events?vendor=gong&entity=…&status=failed&since=…` */
export class EventSearchQuery extends VendorFilterQuery {
  /** The vendor's id of the call, e-mail, meeting or record. */
  @IsOptional()
  @IsString()
  @MaxLength(256)
  entity?: string;

  @IsOptional()
  @IsIn(STATUSES)
  status?: EventStatus;

  @IsOptional()
  @IsIn(EVENT_SOURCES)
  source?: EventSource;

  @IsPageLimit()
  limit?: string;

  @IsPageCursor()
  cursor?: string;
}
