import { Inject, Injectable } from '@nestjs/common';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import { AppConfig } from '../config/app-config.js';
import { toAppError } from '../contracts/errors.js';
import { compareEvents, cursorAfter, type EventPlace, placeIn } from '../contracts/event-cursor.js';
import { ArrivingRowsReader } from '../contracts/ports/arriving-rows.port.js';
import { LIVE_STATES, type LiveEvent, LiveEvents } from '../contracts/ports/live-events.port.js';
import { type EventPage, WarehouseReader } from '../contracts/ports/warehouse-reader.port.js';
import type { EventKind, Vendor } from '../contracts/vendor.js';
import type { EventSearchQuery, EventSource, EventStatus } from './event.queries.js';

/** So many rows that wait for the warehouse are looked at; each holds a body. */
const MOST_ARRIVING = 100;

export interface FoundEvent {
  readonly eventId: string;
  readonly vendor: Vendor;
  readonly kind: EventKind;
  readonly objectId: string | null;
  readonly correlationId: string | null;
  readonly receivedAt: string;
  readonly status: EventStatus;
  /** When a waiting one goes on. */
  readonly dueAt: string | null;
  readonly deadLetterId: string | null;
  readonly errorCode: string | null;
}

export interface FoundEvents {
  /** Newest first. */
  readonly items: readonly FoundEvent[];
  readonly nextCursor: string | null;
  /** What was looked into. */
  readonly source: readonly EventSource[];
  /** What may be missing, and how to see it; null where nothing is. */
  readonly note: string | null;
}

interface Looked {
  readonly events: readonly FoundEvent[];
  /** There are more after this one; what is older is for the next page. */
  readonly moreAfter: EventPlace | null;
  readonly note: string | null;
  readonly isWarehouseRead: boolean;
}

const NOTHING: Looked = { events: [], moreAfter: null, note: null, isWarehouseRead: false };

const NOT_ASKED =
  'Only what the queues and the outbox hold: Snowflake is asked with source=warehouse, which its virtual warehouse bills.';
const TOO_MANY =
  'A queue holds more events than were looked at; GET /admin/dead-letters lists all failed ones.';

/** Finds events wherever they are: in a queue, on their way to the warehouse, or in it. */
@Injectable()
export class EventSearch {
  constructor(
    @Inject(LiveEvents) private readonly live: LiveEvents,
    @Inject(ArrivingRowsReader) private readonly arriving: ArrivingRowsReader,
    @Inject(WarehouseReader) private readonly warehouse: WarehouseReader,
    private readonly config: AppConfig,
    @InjectPinoLogger(EventSearch.name) private readonly logger: PinoLogger,
  ) {}

  /** @throws AppError `REQUEST.INVALID_CURSOR` */
  async find(query: EventSearchQuery, limit: number): Promise<FoundEvents> {
    const after = query.cursor === undefined ? null : placeIn(query.cursor);
    const [live, stored] = await Promise.all([
      this.inQueues(query),
      asksOnlyQueues(query) ? NOTHING : this.processed(query, limit),
    ]);
    // The queue knows best what has become of an event: what it holds hides what the warehouse says.
    const byId = new Map([...stored.events, ...live.events].map((event) => [event.eventId, event]));
    const horizon = stored.moreAfter;
    const matching = [...byId.values()]
      .filter((event) => isWanted(event, query) && isBetween(event, after, horizon))
      .sort(compareEvents);
    const items = matching.slice(0, limit);
    const moreAfter = matching.length > limit ? (items.at(-1) ?? null) : horizon;
    return {
      items,
      nextCursor: moreAfter === null ? null : cursorAfter(moreAfter),
      source: stored.isWarehouseRead ? ['queues', 'warehouse'] : ['queues'],
      note: stored.note ?? live.note,
    };
  }

  private async inQueues({ status }: EventSearchQuery): Promise<Looked> {
    const states = LIVE_STATES.filter((state) => status === state || !asksOnlyQueues({ status }));
    const { events, isComplete } = await this.live.newest(states);
    return {
      events: events.map((event) => liveOne(event)),
      moreAfter: null,
      note: isComplete ? null : TOO_MANY,
      isWarehouseRead: false,
    };
  }

  private async processed(query: EventSearchQuery, limit: number): Promise<Looked> {
    const [arriving, stored] = await Promise.all([
      this.arriving.newestEvents(MOST_ARRIVING),
      this.inWarehouse(query, limit),
    ]);
    return {
      events: [...arriving, ...stored.page.events].map((event) => ({
        ...described(event),
        ...{ status: 'processed', dueAt: null, deadLetterId: null, errorCode: null },
      })),
      moreAfter: stored.page.nextCursor === null ? null : (stored.page.events.at(-1) ?? null),
      note: stored.note,
      isWarehouseRead: stored.note === null,
    };
  }

  private async inWarehouse(
    query: EventSearchQuery,
    limit: number,
  ): Promise<{ page: EventPage; note: string | null }> {
    const nothing = { events: [], nextCursor: null };
    const source = query.source ?? (this.config.WAREHOUSE === 'snowflake' ? 'queues' : 'warehouse');
    if (source === 'queues') return { page: nothing, note: NOT_ASKED };
    const { vendor, kind, entity, since, until, cursor } = query;
    try {
      const page = await this.warehouse.events({ vendor, kind, entity, since, until }, limit, cursor);
      return { page, note: null };
    } catch (thrown) {
      const { code, message } = toAppError(thrown);
      this.logger.warn({ code, reason: message }, 'admin.warehouse_not_read');
      return { page: nothing, note: `The warehouse does not answer (${code}): only what Redis holds.` };
    }
  }
}

type Described = Pick<
  FoundEvent,
  'eventId' | 'vendor' | 'kind' | 'objectId' | 'correlationId' | 'receivedAt'
>;

function described({ eventId, vendor, kind, objectId, correlationId, receivedAt }: Described): Described {
  return { eventId, vendor, kind, objectId, correlationId, receivedAt };
}

/** Field by field: there may be thousands, and spreading each took longer than all else that is done with them here. */
function liveOne(event: LiveEvent): FoundEvent {
  return {
    eventId: event.eventId,
    vendor: event.vendor,
    kind: event.kind,
    objectId: event.objectId,
    correlationId: event.correlationId,
    receivedAt: event.receivedAt,
    status: event.state,
    dueAt: event.dueAt,
    deadLetterId: event.deadLetterId,
    errorCode: event.failure?.code ?? null,
  };
}

/** The warehouse has filtered already; this is for what the queues hold. */
function isWanted(event: FoundEvent, query: EventSearchQuery): boolean {
  const { vendor, kind, entity, status } = query;
  const isGiven = (wanted: string | undefined, value: string | null) =>
    wanted === undefined || wanted === value;
  return (
    isGiven(vendor, event.vendor) &&
    isGiven(kind, event.kind) &&
    isGiven(entity, event.objectId) &&
    isGiven(status, event.status) &&
    isWithin(event.receivedAt, query)
  );
}

/** After the page before, and not behind what this one has of the warehouse. */
function isBetween(event: FoundEvent, after: EventPlace | null, horizon: EventPlace | null): boolean {
  if (after !== null && compareEvents(event, after) <= 0) return false;
  return horizon === null || compareEvents(event, horizon) <= 0;
}

/** The warehouse does not know what is in the queues. */
function asksOnlyQueues({ status }: Pick<EventSearchQuery, 'status'>): boolean {
  return status !== undefined && status !== 'processed';
}

function isWithin(receivedAt: string, { since, until }: EventSearchQuery): boolean {
  if (since === undefined && until === undefined) return true;
  const time = Date.parse(receivedAt);
  return (
    (since === undefined || time >= Date.parse(since)) && (until === undefined || time < Date.parse(until))
  );
}
