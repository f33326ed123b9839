import { Inject, Injectable } from '@nestjs/common';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import { AppError, toAppError } from '../contracts/errors.js';
import { type ArrivingRows, ArrivingRowsReader } from '../contracts/ports/arriving-rows.port.js';
import { type LiveEvent, LiveEvents } from '../contracts/ports/live-events.port.js';
import { QueueControl } from '../contracts/ports/queue-control.port.js';
import { type RefusedRow, RefusedRows } from '../contracts/ports/refused-rows.port.js';
import {
  type StageRecord,
  type StoredEvent,
  WarehouseReader,
} from '../contracts/ports/warehouse-reader.port.js';
import type { TableName } from '../contracts/tables.js';
import { nextSteps } from './event-next-step.js';
import { type TimelineEntry, timelineOf } from './event-timeline.entries.js';
import type { EventStatus } from './event.queries.js';

const REFUSED_PAGE = 500;

export interface EventDetail {
  readonly event: Omit<StoredEvent, 'loadedAt'> & {
    /** When its raw row was written; null while it is on its way. */
    readonly loadedAt: string | null;
  };
  readonly status: EventStatus;
  /** Its jobs in the queues, with what they wait for or died of. */
  readonly jobs: readonly LiveEvent[];
  /** Rows that wait for the warehouse, by table. */
  readonly rowsOnTheirWay: ArrivingRows['rows'];
  /** Rows that the warehouse will not take. */
  readonly refusedRows: readonly Pick<RefusedRow, 'id' | 'table' | 'code' | 'reason'>[];
  readonly timeline: readonly TimelineEntry[];
  /** What an operator should do now, one sentence each. */
  readonly nextSteps: readonly string[];
  /** False where the warehouse did not answer, and the timeline may lack what it holds. */
  readonly isWarehouseRead: boolean;
}

type Stored = { readonly event: StoredEvent; readonly history: readonly StageRecord[] } | undefined;

/** All that is known of one event, wherever it is. */
@Injectable()
export class EventTimeline {
  constructor(
    @Inject(LiveEvents) private readonly live: LiveEvents,
    @Inject(ArrivingRowsReader) private readonly arriving: ArrivingRowsReader,
    @Inject(WarehouseReader) private readonly warehouse: WarehouseReader,
    @Inject(RefusedRows) private readonly refused: RefusedRows,
    @Inject(QueueControl) private readonly queues: QueueControl,
    @InjectPinoLogger(EventTimeline.name) private readonly logger: PinoLogger,
  ) {}

  /**
   * Undefined where nobody knows the event.
   * @throws AppError `WAREHOUSE.UNAVAILABLE` where only the warehouse could tell
   */
  async of(eventId: string): Promise<EventDetail | undefined> {
    // In the order of its way: what moves on meanwhile is then seen twice, and not missed.
    const jobs = await this.live.find(eventId);
    const arriving = await this.arriving.ofEvent(eventId);
    const { stored, isRead } = await this.stored(eventId);
    const event = eventOf(stored, arriving, jobs[0]);
    if (event === undefined && !isRead) throw notRead();
    if (event === undefined) return undefined;
    const refusedRows = await this.refusedRows(eventId);
    const timeline = timelineOf([...(stored?.history ?? []), ...arriving.history], event.vendor);
    const status = statusOf(jobs);
    const rowsOnTheirWay = withoutArrived(arriving.rows, stored);
    const pausedQueues = (await this.queues.list())
      .filter(({ isPaused }) => isPaused)
      .map(({ name }) => name);
    const known = { eventId, status, jobs, rowsOnTheirWay, refusedRows, timeline };
    const situation = { ...known, pausedQueues, isWarehouseRead: isRead };
    return {
      ...{ event, status, jobs, rowsOnTheirWay, refusedRows, timeline },
      nextSteps: nextSteps(situation),
      isWarehouseRead: isRead,
    };
  }

  private async stored(eventId: string): Promise<{ stored: Stored; isRead: boolean }> {
    try {
      return { stored: await this.warehouse.event(eventId), isRead: true };
    } catch (thrown) {
      const { code, message } = toAppError(thrown);
      this.logger.warn({ code, reason: message }, 'admin.warehouse_not_read');
      return { stored: undefined, isRead: false };
    }
  }

  private async refusedRows(eventId: string): Promise<EventDetail['refusedRows']> {
    const found: EventDetail['refusedRows'][number][] = [];
    if ((await this.refused.counts()).length === 0) return found;
    let cursor: string | undefined;
    do {
      const { rows, nextCursor } = await this.refused.list({}, REFUSED_PAGE, cursor);
      for (const { id, table, code, reason, values } of rows) {
        const isOfEvent = values.EVENT_ID === eventId || values.SOURCE_EVENT_ID === eventId;
        if (isOfEvent) found.push({ id, table, code, reason });
      }
      cursor = nextCursor ?? undefined;
    } while (cursor !== undefined);
    return found;
  }
}

function notRead(): AppError {
  const message = 'the queues do not hold this event, and the warehouse does not answer: ask again';
  return new AppError('WAREHOUSE.UNAVAILABLE', message, 'backoff');
}

function eventOf(
  stored: Stored,
  { event: arriving }: ArrivingRows,
  job: LiveEvent | undefined,
): EventDetail['event'] | undefined {
  if (stored !== undefined) return stored.event;
  if (arriving !== null) return { ...arriving, loadedAt: null };
  if (job === undefined) return undefined;
  const { eventId, vendor, kind, objectId, correlationId, receivedAt } = job;
  const unknown = { channelId: null, module: null, operation: null, signingKeyId: null, loadedAt: null };
  return { eventId, vendor, kind, objectId, correlationId, receivedAt, ...unknown };
}

/** The most pressing one: an event that runs again while its dead letter is kept is not done. */
function statusOf(jobs: readonly LiveEvent[]): EventStatus {
  const states = jobs.map(({ state }) => state);
  const order = ['processing', 'queued', 'waiting', 'failed'] as const;
  return order.find((state) => states.includes(state)) ?? 'processed';
}

/** A raw row that was read from the warehouse too has arrived between the two looks. */
function withoutArrived(rows: ArrivingRows['rows'], stored: Stored): ArrivingRows['rows'] {
  if (stored === undefined) return rows;
  const raw: readonly TableName[] = ['GONG_WEBHOOKS_RAW', 'ZOHO_EVENTS_RAW'];
  const left = Object.entries(rows).filter(([table]) => !raw.some((name) => name === table));
  return Object.fromEntries(left);
}
