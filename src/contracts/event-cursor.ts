import { AppError } from './errors.js';

/** Where an event stands in a list of events: the newest first, those of one moment by id. */
export interface EventPlace {
  /** ISO 8601, UTC. */
  readonly receivedAt: string;
  readonly eventId: string;
}

/** The cursor for the events after this one. */
export function cursorAfter({ receivedAt, eventId }: EventPlace): string {
  return Buffer.from(`${receivedAt}|${eventId}`).toString('base64url');
}

/** As every warehouse reads it: `Date.parse` takes much more for a time. */
const UTC = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;

/** @throws AppError `REQUEST.INVALID_CURSOR` for what {@link cursorAfter} has not made. */
export function placeIn(cursor: string): EventPlace {
  const [receivedAt = '', eventId = ''] = Buffer.from(cursor, 'base64url').toString().split('|');
  if (!UTC.test(receivedAt) || Number.isNaN(Date.parse(receivedAt)) || eventId === '') {
    throw new AppError('REQUEST.INVALID_CURSOR', 'the cursor is none of ours');
  }
  return { receivedAt, eventId };
}

/** Negative where the left one comes first. */
export function compareEvents(left: EventPlace, right: EventPlace): number {
  // Thousands are compared, many of one moment.
  const isOneMoment = left.receivedAt === right.receivedAt;
  const byTime = isOneMoment ? 0 : Date.parse(right.receivedAt) - Date.parse(left.receivedAt);
  if (byTime !== 0) return byTime;
  return left.eventId > right.eventId ? -1 : Number(left.eventId < right.eventId);
}
