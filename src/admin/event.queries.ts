import { IsIn, IsISO8601, IsOptional, IsString, Matches, MaxLength } from 'class-validator';
import { LIVE_STATES, type LiveState } from '../contracts/ports/live-events.port.js';
import { EVENT_KINDS, type EventKind, type Vendor, VENDORS } from '../contracts/vendor.js';
import { PAGE_LIMIT, PAGE_LIMIT_TEXT } from './page.query.js';

/** `processed`: no queue holds it any more. */
export type EventStatus = LiveState | 'processed';
const STATUSES: readonly EventStatus[] = [...LIVE_STATES, 'processed'];

/** Where to look: the queues and the outbox (cheap), or the warehouse too. */
export const EVENT_SOURCES = ['queues', 'warehouse'] as const;
export type EventSource = (typeof EVENT_SOURCES)[number];

/** `GET /admin/events?vendor=gong&entity=…&status=failed&since=…` */
export class EventSearchQuery {
  @IsOptional()
  @IsIn(VENDORS)
  vendor?: Vendor;

  @IsOptional()
  @IsIn(EVENT_KINDS)
  kind?: EventKind;

  /** The vendor's id of the call, e-mail, meeting or record. */
  @IsOptional()
  @IsString()
  @MaxLength(256)
  entity?: string;

  @IsOptional()
  @IsIn(STATUSES)
  status?: EventStatus;

  @IsOptional()
  @IsISO8601({ strict: true })
  since?: string;

  @IsOptional()
  @IsISO8601({ strict: true })
  until?: string;

  @IsOptional()
  @IsIn(EVENT_SOURCES)
  source?: EventSource;

  @IsOptional()
  @Matches(PAGE_LIMIT, { message: PAGE_LIMIT_TEXT })
  limit?: string;

  @IsOptional()
  @IsString()
  @MaxLength(512)
  cursor?: string;
}
