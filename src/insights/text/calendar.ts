/** A calendar day at the place of the conversation; `dayNumber` counts days since 1970-01-01. */
export interface CalendarDay {
  readonly dayNumber: number;
}

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const FRIDAY_FROM_MONDAY = 4;

/** The local day of an instant. @param startedAt ISO 8601 @param utcOffsetMinutes of the place; null is UTC */
export function localDay(startedAt: string | null, utcOffsetMinutes: number | null): CalendarDay | null {
  const instantMs = startedAt === null ? Number.NaN : Date.parse(startedAt);
  if (Number.isNaN(instantMs)) return null;
  return { dayNumber: Math.floor((instantMs + (utcOffsetMinutes ?? 0) * MINUTE_MS) / DAY_MS) };
}

export function isoDate(day: CalendarDay): string {
  return new Date(day.dayNumber * DAY_MS).toISOString().slice(0, 10);
}

export function plusDays(day: CalendarDay, days: number): CalendarDay {
  return { dayNumber: day.dayNumber + days };
}

/** 0 is Sunday. */
export function weekdayOf({ dayNumber }: CalendarDay): number {
  return (((dayNumber + 4) % 7) + 7) % 7;
}

export function mondayOf(day: CalendarDay): CalendarDay {
  return plusDays(day, -((weekdayOf(day) + 6) % 7));
}

/** Friday of this week (on a weekend: of the coming one), or of a later week. */
export function fridayOf(today: CalendarDay, weeksAhead: number): CalendarDay {
  const friday = plusDays(mondayOf(today), FRIDAY_FROM_MONDAY + weeksAhead * 7);
  return friday.dayNumber < today.dayNumber ? plusDays(friday, 7) : friday;
}

/** Saturdays and Sundays do not count; holidays are not known. */
export function plusBusinessDays(today: CalendarDay, days: number): CalendarDay {
  let day = today;
  for (let left = days; left > 0;) {
    day = plusDays(day, 1);
    const weekday = weekdayOf(day);
    if (weekday !== 0 && weekday !== 6) left -= 1;
  }
  return day;
}

export function lastOfMonth(today: CalendarDay, monthsAhead: number): CalendarDay {
  const { year, month } = partsOf(today);
  return dayOf(year, month + monthsAhead + 1, 0);
}

/** @param month from 0 */
export function lastOfNamedMonth(today: CalendarDay, month: number): CalendarDay {
  const { year, month: now } = partsOf(today);
  return dayOf(month < now ? year + 1 : year, month + 1, 0);
}

export function lastOfQuarter(today: CalendarDay): CalendarDay {
  const { year, month } = partsOf(today);
  return dayOf(year, Math.floor(month / 3) * 3 + 3, 0);
}

export function lastOfYear(today: CalendarDay): CalendarDay {
  return dayOf(partsOf(today).year + 1, 0, 0);
}

/** The next day of this name, today included. @param month from 0 */
export function nextDate(today: CalendarDay, month: number, day: number): CalendarDay {
  const { year } = partsOf(today);
  const thisYear = dayOf(year, month, day);
  return thisYear.dayNumber < today.dayNumber ? dayOf(year + 1, month, day) : thisYear;
}

/** The next day with this number, today included: in a month that has it. */
export function nextDayOfMonth(today: CalendarDay, day: number): CalendarDay {
  const { year, month, day: now } = partsOf(today);
  let ahead = day >= now ? 0 : 1;
  while (partsOf(dayOf(year, month + ahead, day)).day !== day) ahead += 1;
  return dayOf(year, month + ahead, day);
}

function partsOf({ dayNumber }: CalendarDay): { year: number; month: number; day: number } {
  const date = new Date(dayNumber * DAY_MS);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth(), day: date.getUTCDate() };
}

function dayOf(year: number, month: number, day: number): CalendarDay {
  return { dayNumber: Date.UTC(year, month, day) / DAY_MS };
}
