import { isNumber } from './pattern.js';

/** A calendar day at the place of the conversation; `dayNumber` counts days since 1970-01-01. */
export interface CalendarDay {
  readonly dayNumber: number;
}

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const WEEKDAY_SHORT = ['sun', 'mon', 'tues', 'wed', 'thurs', 'fri', 'sat'];
const MONTHS = 'january february march april may june july august september october november december'.split(
  ' ',
);
const MONTHS_SHORT = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
const UNITS =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  );
const TENS = ['', '', 'twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety'];
const ORDINALS =
  'zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth'.split(
    ' ',
  );
const FRIDAY = 5;

/** The local day of an instant. @param startedAt ISO 8601 @param utcOffsetMinutes of the place; null is UTC */
export function localDay(startedAt: string | null, utcOffsetMinutes: number | null): CalendarDay | null {
  const instantMs = startedAt === null ? Number.NaN : Date.parse(startedAt);
  if (Number.isNaN(instantMs)) return null;
  return { dayNumber: Math.floor((instantMs + (utcOffsetMinutes ?? 0) * MINUTE_MS) / DAY_MS) };
}

export function isoDate(day: CalendarDay): string {
  return new Date(day.dayNumber * DAY_MS).toISOString().slice(0, 10);
}

/** A due date found in a sentence: word numbers, end exclusive. `day` is null where none can be named. */
export interface DueMatch {
  readonly day: CalendarDay | null;
  readonly start: number;
  readonly end: number;
}

type Reader = (words: readonly string[], at: number, today: CalendarDay) => DueMatch | null;

/**
 * The due date a sentence names, in the way people mean it: "by Friday" is the next Friday, "end of next week"
 * its Friday, "a fortnight" 14 days, "end of the month" its last day. What recurs ("every Tuesday") or stays
 * vague ("sometime in Q3") has none.
 */
export function dueDate(words: readonly string[], today: CalendarDay): DueMatch | null {
  let best: DueMatch | null = null;
  for (let at = 0; at < words.length; at += 1) {
    const found = readAt(words, at, today);
    if (found === null) continue;
    if (best === null || rank(words, found) > rank(words, best)) best = found;
    at = Math.max(at, found.end - 1);
  }
  return best;
}

function readAt(words: readonly string[], at: number, today: CalendarDay): DueMatch | null {
  for (const read of READERS) {
    const found = read(words, at, today);
    if (found !== null) return found;
  }
  return null;
}

/** "by Friday" says more about the deadline than a day that is only mentioned. */
function rank(words: readonly string[], { start, day }: DueMatch): number {
  if (day === null) return 0;
  const before = words[start - 1] ?? '';
  if (before === 'by' || before === 'before' || before === 'within') return 3;
  return before === 'since' || before === 'from' || before === 'last' || before === 'after' ? 1 : 2;
}

const READERS: readonly Reader[] = [
  recurring,
  vague,
  endOf,
  theDayAfter,
  sameDay,
  tomorrow,
  monthDay,
  dayMonth,
  weekday,
  span,
  weekOf,
  theNth,
];

function found(dayNumber: number, start: number, end: number): DueMatch {
  return { day: { dayNumber }, start, end };
}

function recurring(words: readonly string[], at: number): DueMatch | null {
  if (words[at] !== 'every' && words[at] !== 'each') return null;
  const next = words[at + 1] ?? '';
  const recurs = weekdayOf(next) >= 0 || /^(day|week|month|morning|evening|quarter|other|single)$/.test(next);
  return recurs ? { day: null, start: at, end: at + 2 } : null;
}

/** "sometime in Q3", "at some point next week": said not to be a date. */
function vague(words: readonly string[], at: number): DueMatch | null {
  const word = words[at];
  const isVague =
    word === 'sometime' || word === 'eventually' || (word === 'some' && words[at + 1] === 'point');
  return isVague ? { day: null, start: at, end: Math.min(words.length, at + 5) } : null;
}

function endOf(words: readonly string[], at: number, today: CalendarDay): DueMatch | null {
  if (words[at] === 'eod' || words[at] === 'cob') return endOfWhat(words, at, at + 1, today);
  if (words[at] === 'month' && words[at + 1] === 'end' && isDated(words, at))
    return found(lastOfMonth(today, 0), at, at + 2);
  if (words[at] === 'eow') return found(fridayOf(today, 0), at, at + 1);
  if (words[at] !== 'end' && words[at] !== 'close') return null;
  if (words[at + 1] !== 'of') return null;
  const next = words[at + 2] ?? '';
  const skip = /^(the|this|my|our|your)$/.test(next) ? 1 : 0;
  return endOfPeriod(words, at, at + 2 + skip, today);
}

/** "end of (the) day|business|play|week|month|quarter|next week|April". */
function endOfPeriod(
  words: readonly string[],
  at: number,
  from: number,
  today: CalendarDay,
): DueMatch | null {
  const word = words[from] ?? '';
  if (word === 'next') return endOfNext(words[from + 1] ?? '', at, from + 2, today);
  if (word === 'following' || word === 'coming') return endOfNext(words[from + 1] ?? '', at, from + 2, today);
  if (/^(day|business|play|today|shift)$/.test(word)) return endOfWhat(words, at, from + 1, today);
  if (word === 'working' && words[from + 1] === 'day') return endOfWhat(words, at, from + 2, today);
  if (word === 'week') return found(fridayOf(today, 0), at, from + 1);
  if (word === 'month') return found(lastOfMonth(today, 0), at, from + 1);
  if (word === 'quarter') return found(lastOfQuarter(today), at, from + 1);
  if (word === 'year') return found(lastOfYear(today), at, from + 1);
  const month = monthOf(word);
  if (month >= 0) return found(lastOfNamedMonth(today, month), at, from + 1);
  return tomorrow(words, from, today) ?? weekday(words, from, today);
}

function endOfNext(unit: string, at: number, end: number, today: CalendarDay): DueMatch | null {
  if (unit === 'week') return found(fridayOf(today, 1), at, end);
  if (unit === 'month') return found(lastOfMonth(today, 1), at, end);
  return null;
}

/** "end of business Thursday", "EOD tomorrow"; without a day: today. */
function endOfWhat(words: readonly string[], at: number, from: number, today: CalendarDay): DueMatch {
  const skip = /^(on|this|the)$/.test(words[from] ?? '') ? 1 : 0;
  const other =
    tomorrow(words, from + skip, today) ??
    weekday(words, from + skip, today) ??
    monthDay(words, from + skip, today) ??
    theNth(words, from + skip, today);
  return other === null ? found(today.dayNumber, at, from) : { ...other, start: at };
}

function theDayAfter(words: readonly string[], at: number, today: CalendarDay): DueMatch | null {
  const isIt = words[at] === 'day' && words[at + 1] === 'after' && words[at + 2] === 'tomorrow';
  return isIt ? found(today.dayNumber + 2, at, at + 3) : null;
}

function sameDay(words: readonly string[], at: number, today: CalendarDay): DueMatch | null {
  const [word, next] = [words[at] ?? '', words[at + 1] ?? ''];
  if (word === 'today' || word === 'tonight') return found(today.dayNumber, at, at + 1);
  if (word === 'this' && /^(afternoon|evening|morning)$/.test(next)) {
    return found(today.dayNumber, at, at + 2);
  }
  const isMeal =
    /^(by|before|after|over)$/.test(word) && /^(lunch|lunchtime|noon|midday|midnight)$/.test(next);
  if (
    isMeal &&
    words[at + 2] !== 'tomorrow' &&
    weekdayOf(words[at + 2] ?? '') < 0 &&
    words[at + 2] !== 'on'
  ) {
    return found(today.dayNumber, at, at + 2);
  }
  const isWithinHour = /^(within|in)$/.test(word) && /^(the|an)$/.test(next) && words[at + 2] === 'hour';
  return isWithinHour ? found(today.dayNumber, at, at + 3) : null;
}

function tomorrow(words: readonly string[], at: number, today: CalendarDay): DueMatch | null {
  return words[at] === 'tomorrow' ? found(today.dayNumber + 1, at, at + 1) : null;
}

/** "September 1", "November twentieth", "September the first". */
function monthDay(words: readonly string[], at: number, today: CalendarDay): DueMatch | null {
  const month = monthOf(words[at] ?? '');
  if (month < 0) return null;
  const from = words[at + 1] === 'the' ? at + 2 : at + 1;
  const day = dayOfMonth(words, from, true);
  return day === null || !isDated(words, at) ? null : found(nextDate(today, month, day.value), at, day.end);
}

/** "the fourth of May", "15 October", "the sixteenth October". */
function dayMonth(words: readonly string[], at: number, today: CalendarDay): DueMatch | null {
  const day = dayOfMonth(words, at, true);
  if (day === null) return null;
  const from = words[day.end] === 'of' ? day.end + 1 : day.end;
  const month = monthOf(words[from] ?? '');
  return month < 0 || !isDated(words, at) ? null : found(nextDate(today, month, day.value), at, from + 1);
}

/** "Friday", "next Tuesday", "a week on Monday", "Wednesday the eleventh", "Tuesday the September first". */
function weekday(words: readonly string[], at: number, today: CalendarDay): DueMatch | null {
  const isNext = words[at] === 'next' || words[at] === 'following';
  const isThis = words[at] === 'this' || words[at] === 'coming';
  const from = isNext || isThis ? at + 1 : at;
  const wanted = weekdayOf(words[from] ?? '');
  if (wanted < 0 || (words[from] ?? '') === 'sat' || (words[from] ?? '') === 'sun') return null;
  const exact = namedDay(words, from + 1, today);
  if (exact !== null) return { ...exact, start: at };
  const ahead = (wanted - weekdayNumber(today) + 7) % 7 || 7;
  const inNextWeek = mondayOf(today) + 7 + ((wanted + 6) % 7);
  const isWeekLater = words[from + 1] === 'week' || (words[at - 1] === 'on' && words[at - 2] === 'week');
  const isOfNextWeek = words[from + 1] === 'next' && words[from + 2] === 'week';
  if (isOfNextWeek || isNext) return found(inNextWeek, at, from + (isOfNextWeek ? 3 : 1));
  return found(today.dayNumber + ahead + (isWeekLater ? 7 : 0), at, from + 1);
}

/** The date that names the weekday more exactly: "the eleventh", "the September first", "June 4". */
function namedDay(words: readonly string[], at: number, today: CalendarDay): DueMatch | null {
  const from = words[at] === 'the' ? at + 1 : at;
  return monthDay(words, from, today) ?? dayMonth(words, from, today) ?? theNth(words, at, today);
}

/** "in two weeks", "within forty-eight hours", "a fortnight", "give me three days". */
function span(words: readonly string[], at: number, today: CalendarDay): DueMatch | null {
  if (words[at - 1] === 'last' || words[at - 1] === 'past' || words[at - 1] === 'every') return null;
  const amount = amountAt(words, at);
  if (amount === null) return null;
  const isBusiness = /^(business|working)$/.test(words[amount.end] ?? '');
  const from = isBusiness ? amount.end + 1 : amount.end;
  const unit = words[from] ?? '';
  const after = words[from + 1] ?? '';
  if (/^(ago|old|each|back|apart|long|in|a|per|left)$/.test(after) || !isAhead(words, at)) return null;
  const days = spanDays(unit, amount.value);
  if (days === null) return null;
  const dayNumber = isBusiness ? addBusinessDays(today, amount.value) : today.dayNumber + days;
  return found(dayNumber, at, from + 1);
}

/** A span is a deadline only after one of these: "forty-eight hours" alone may be anything. */
function isAhead(words: readonly string[], at: number): boolean {
  const before = words.slice(Math.max(0, at - 3), at);
  return (
    before.some((word) => /^(in|within|inside|give|gimme|need|take|takes|under|by)$/.test(word)) ||
    words[at + 1] === 'fortnight' ||
    words.length <= 4
  );
}

function spanDays(unit: string, amount: number): number | null {
  if (/^hours?$/.test(unit)) return Math.floor(amount / 24);
  if (/^days?$/.test(unit)) return amount;
  if (/^weeks?$/.test(unit)) return amount * 7;
  if (/^fortnights?$/.test(unit)) return amount * 14;
  return null;
}

function amountAt(words: readonly string[], at: number): { value: number; end: number } | null {
  const word = words[at] ?? '';
  if (word === 'a' || word === 'an') {
    if (words[at + 1] === 'couple') return { value: 2, end: words[at + 2] === 'of' ? at + 3 : at + 2 };
    return { value: 1, end: at + 1 };
  }
  if (word === 'couple') return { value: 2, end: words[at + 1] === 'of' ? at + 2 : at + 1 };
  if (!isNumber(word)) return null;
  const number = numberAt(words, at);
  return number;
}

/** "this week", "next week", "early next week", "middle of next week", "the weekend". */
function weekOf(words: readonly string[], at: number, today: CalendarDay): DueMatch | null {
  const [word, next] = [words[at] ?? '', words[at + 1] ?? ''];
  if (next === 'weekend' && /^(the|this)$/.test(word)) return found(fridayOf(today, 0), at, at + 2);
  if (next !== 'week' || !/^(this|next)$/.test(word)) return null;
  const monday = mondayOf(today) + (word === 'next' ? 7 : 0);
  const before = words.slice(Math.max(0, at - 3), at);
  if (word === 'next' && before.some((part) => /^(early|start|beginning)$/.test(part)))
    return found(monday, at, at + 2);
  if (before.some((part) => /^(mid|middle)$/.test(part))) return found(monday + 2, at, at + 2);
  return found(monday + 4, at, at + 2);
}

/** "the sixteenth", "the 24th": the next day of the month with this number. */
function theNth(words: readonly string[], at: number, today: CalendarDay): DueMatch | null {
  if (words[at] !== 'the') return null;
  const day = dayOfMonth(words, at + 1, false);
  if (day === null || !isDated(words, at) || isNotADay(words[day.end] ?? '', day.value)) return null;
  return found(nextNth(today, day.value), at, day.end);
}

/** A bare date is when something is due only after one of these, after a weekday, or at the start. */
function isDated(words: readonly string[], at: number): boolean {
  if (at === 0) return true;
  const before = words[at - 1] === 'the' ? (words[at - 2] ?? '') : (words[at - 1] ?? '');
  return weekdayOf(before) >= 0 || DATE_PREPOSITIONS.has(before);
}

const DATE_PREPOSITIONS = new Set(
  'by before on until till for than around to come through latest at of the is not'.split(' '),
);

/** "the first thing", "the second regional office", "the third outage": an order and not a date. */
function isNotADay(next: string, value: number): boolean {
  if (
    /^(thing|one|time|part|half|quarter|week|floor|draft|version|year|month|day|page|of|item|point|step|party)$/.test(
      next,
    )
  ) {
    return true;
  }
  return (
    value <= 3 &&
    next !== '' &&
    !/^(at|and|so|if|or|then|with|for|but|which|because|when|to|on|in|we|i)$/.test(next)
  );
}

function dayOfMonth(
  words: readonly string[],
  at: number,
  allowsPlain: boolean,
): { value: number; end: number } | null {
  const word = words[at] ?? '';
  const digits = /^(\d{1,2})(st|nd|rd|th)?$/.exec(word);
  if (digits !== null) {
    const value = Number(digits[1]);
    const isDay = value >= 1 && value <= 31 && (allowsPlain || digits[2] !== undefined);
    return isDay ? { value, end: at + 1 } : null;
  }
  const ordinal = ORDINALS.indexOf(word);
  if (ordinal > 0) return { value: ordinal, end: at + 1 };
  if (word === 'thirtieth') return { value: 30, end: at + 1 };
  const tens = word === 'twenty' ? 20 : word === 'thirty' ? 30 : 0;
  const unit = ORDINALS.indexOf(words[at + 1] ?? '');
  if (tens > 0 && unit > 0 && unit < 10 && tens + unit <= 31) return { value: tens + unit, end: at + 2 };
  return null;
}

function numberAt(words: readonly string[], at: number): { value: number; end: number } | null {
  const word = words[at] ?? '';
  if (/^\d+$/.test(word)) return { value: Number(word), end: at + 1 };
  const unit = UNITS.indexOf(word);
  if (unit > 0) return { value: unit, end: at + 1 };
  const tens = TENS.indexOf(word) * 10;
  if (tens <= 0) return null;
  const next = UNITS.indexOf(words[at + 1] ?? '');
  return next > 0 && next < 10 ? { value: tens + next, end: at + 2 } : { value: tens, end: at + 1 };
}

function weekdayOf(word: string): number {
  const full = WEEKDAYS.indexOf(word);
  return full >= 0 ? full : WEEKDAY_SHORT.indexOf(word);
}

function monthOf(word: string): number {
  const full = MONTHS.indexOf(word);
  return full >= 0 ? full : MONTHS_SHORT.indexOf(word);
}

function weekdayNumber({ dayNumber }: CalendarDay): number {
  return (((dayNumber + 4) % 7) + 7) % 7;
}

function mondayOf(day: CalendarDay): number {
  return day.dayNumber - ((weekdayNumber(day) + 6) % 7);
}

/** Friday of this week (from a Saturday on: of the coming one) or a later one. */
function fridayOf(today: CalendarDay, weeks: number): number {
  const friday = mondayOf(today) + FRIDAY - 1 + weeks * 7;
  return friday < today.dayNumber ? friday + 7 : friday;
}

export function addBusinessDays(today: CalendarDay, days: number): number {
  let { dayNumber } = today;
  for (let left = days; left > 0;) {
    dayNumber += 1;
    const weekdayIs = weekdayNumber({ dayNumber });
    if (weekdayIs !== 0 && weekdayIs !== 6) left -= 1;
  }
  return dayNumber;
}

function dateParts({ dayNumber }: CalendarDay): { year: number; month: number; day: number } {
  const date = new Date(dayNumber * DAY_MS);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth(), day: date.getUTCDate() };
}

function dayNumberOf(year: number, month: number, day: number): number {
  return Date.UTC(year, month, day) / DAY_MS;
}

function lastOfMonth(today: CalendarDay, monthsAhead: number): number {
  const { year, month } = dateParts(today);
  return dayNumberOf(year, month + monthsAhead + 1, 0);
}

function lastOfNamedMonth(today: CalendarDay, month: number): number {
  const { year, month: now } = dateParts(today);
  return dayNumberOf(month < now ? year + 1 : year, month + 1, 0);
}

function lastOfQuarter(today: CalendarDay): number {
  const { year, month } = dateParts(today);
  return dayNumberOf(year, Math.floor(month / 3) * 3 + 3, 0);
}

function lastOfYear(today: CalendarDay): number {
  return dayNumberOf(dateParts(today).year + 1, 0, 0);
}

function nextDate(today: CalendarDay, month: number, day: number): number {
  const { year } = dateParts(today);
  const here = dayNumberOf(year, month, day);
  return here < today.dayNumber ? dayNumberOf(year + 1, month, day) : here;
}

function nextNth(today: CalendarDay, day: number): number {
  const { year, month, day: now } = dateParts(today);
  if (day >= now && isDayOf(year, month, day)) return dayNumberOf(year, month, day);
  let ahead = 1;
  while (!isDayOf(year, month + ahead, day)) ahead += 1;
  return dayNumberOf(year, month + ahead, day);
}

function isDayOf(year: number, month: number, day: number): boolean {
  return new Date(Date.UTC(year, month, day)).getUTCDate() === day;
}
