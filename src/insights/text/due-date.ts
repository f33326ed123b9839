import {
  type CalendarDay,
  fridayOf,
  lastOfMonth,
  lastOfNamedMonth,
  lastOfQuarter,
  lastOfYear,
  mondayOf,
  nextDate,
  nextDayOfMonth,
  plusBusinessDays,
  plusDays,
  weekdayOf,
} from './calendar.js';

/** A due date found in a sentence: word numbers, end exclusive. `day` is null where none can be named. */
export interface DueMatch {
  readonly day: CalendarDay | null;
  readonly start: number;
  readonly end: number;
}

const WEEKDAYS = 'sunday monday tuesday wednesday thursday friday saturday'.split(' ');
const MONTHS = 'january february march april may june july august september october november december'.split(
  ' ',
);
const CARDINALS =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  );
const TENS = '- - twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');
const ORDINALS =
  'zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth'.split(
    ' ',
  );

const WEEKDAY_WORDS = `${WEEKDAYS.join(' ')} mon tues wed thurs fri`;
const MONTH_WORDS = `${MONTHS.join(' ')} jan feb mar apr jun jul aug sep sept oct nov dec`;
/** Stands for "1st", "22nd" and the like. */
const NTH_IN_DIGITS = '#th';
const NTH_WORDS = `${ORDINALS.slice(1).join(' ')} thirtieth ${NTH_IN_DIGITS}`;
const WEEKDAY = `(?:${WEEKDAYS.join('|')}|mon|tues|wed|thurs|fri)`;
const MONTH = `(?:${MONTHS.join('|')}|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)`;
const NTH_WORD = `(?:${ORDINALS.slice(1).join('|')}|thirtieth|(?:twenty|thirty) (?:${ORDINALS.slice(1, 10).join('|')}))`;
const NTH = `(?:\\d{1,2}(?:st|nd|rd|th)|${NTH_WORD})`;
/** Without "the" only what is hardly ever anything but a day: "by thirtieth", not "by third parties". */
const BARE_NTH = `\\d{1,2}(?:st|nd|rd|th)|${ORDINALS.slice(10).join('|')}|thirtieth|(?:twenty|thirty) (?:${ORDINALS.slice(1, 10).join('|')})`;
const DAY_OF_MONTH = `(?:\\d{1,2}(?:st|nd|rd|th)?|${NTH_WORD})`;
const AMOUNT = `(?:an?|a couple(?: of)?|couple(?: of)?|\\d+|(?:${TENS.slice(2).join('|')})(?: (?:${CARDINALS.slice(1, 10).join('|')}))?|${CARDINALS.slice(1).join('|')})`;
const DATE = `(?:the )?(?:${MONTH} (?:the )?${DAY_OF_MONTH}|${DAY_OF_MONTH} (?:of )?${MONTH})`;

/** One way to name a date. `needsLead`: only after a word such as "by", because the words are common. */
interface DateForm {
  readonly pattern: RegExp;
  /** Words of which every match has one. */
  readonly has: string;
  readonly day: (found: string, today: CalendarDay, lead: string) => CalendarDay | null;
  readonly needsLead?: RegExp;
}

const LEADS = /(?:^|\b(?:by|before|on|until|till|for|than|around|to|come|through|latest|at|of|is|not)) ?$/;
const SPAN_LEADS = /\b(?:in|within|inside|give me|gimme|need|takes?|under|by|about)(?: \S+)? ?$|^$/;

/**
 * The forms, the more exact before those that are part of them. What recurs ("every Tuesday") or stays vague
 * ("sometime in Q3") has no date.
 */
const FORMS: readonly DateForm[] = [
  {
    has: 'every each',
    pattern: form(`(?:every|each) (?:${WEEKDAY}|day|week|month|morning|evening|quarter|other|single)`),
    day: () => null,
  },
  {
    has: 'sometime eventually point',
    pattern: form('(?:sometime|eventually|some point)(?: \\S+){0,4}'),
    day: () => null,
  },
  {
    has: 'end close eow',
    pattern: form(
      `(?:end|close) of (?:the |this |my |our |your )?(?:next|following|coming) (?:week|month)|end of (?:the |this |my |our |your )?(?:week|month|quarter|year|${MONTH})|eow`,
    ),
    day: endOfPeriod,
  },
  {
    has: 'month',
    pattern: form('month end'),
    day: (_found, today) => lastOfMonth(today, 0),
    needsLead: LEADS,
  },
  {
    has: 'eod cob end close',
    pattern: form(
      `(?:eod|cob|(?:end|close) of (?:the |my |our |your )?(?:working day|day|business|play|shift|today))(?: (?:on |this |the )?(?:tomorrow|today|${WEEKDAY}|${DATE}))?`,
    ),
    day: endOfDay,
  },
  {
    has: 'tomorrow',
    pattern: form('(?:end of )?(?:the )?day after tomorrow'),
    day: (_found, today) => plusDays(today, 2),
  },
  { has: 'tomorrow', pattern: form('(?:end of )?tomorrow'), day: (_found, today) => plusDays(today, 1) },
  {
    has: 'today tonight afternoon evening morning arvo hour',
    pattern: form('today|tonight|this (?:afternoon|evening|morning|arvo)|(?:within|in) (?:the|an) hour'),
    day: (_found, today) => today,
  },
  {
    has: 'after hang off',
    pattern: form(
      '(?:right|straight|directly|immediately|just) after (?:this|we|the call|the meeting)|after (?:this|the|our) (?:call|meeting)(?! (?:with|on|next)\\b)|(?:once|when|as soon as|after) we (?:hang up|get off|are off)',
    ),
    day: (_found, today) => today,
  },
  {
    has: 'lunch lunchtime noon midday midnight',
    pattern: form(
      `(?:by|before|after|over) (?:lunch|lunchtime|noon|midday|midnight)(?! (?:tomorrow|on|${WEEKDAY})\\b)`,
    ),
    day: (_found, today) => today,
  },
  { has: WEEKDAY_WORDS, pattern: form(`${WEEKDAY} (?:${DATE}|the ${NTH})`), day: exactWeekday },
  {
    has: WEEKDAY_WORDS,
    pattern: form(`${WEEKDAY} week|week on ${WEEKDAY}`),
    day: (found, today) => plusDays(namedWeekday(found, today), 7),
  },
  {
    has: WEEKDAY_WORDS,
    pattern: form(`${WEEKDAY} of next week|(?:next|following) ${WEEKDAY}`),
    day: weekdayOfNextWeek,
  },
  { has: WEEKDAY_WORDS, pattern: form(`(?:this |coming |end of )?${WEEKDAY}`), day: namedWeekday },
  { has: MONTH_WORDS, pattern: form(DATE), day: namedDate, needsLead: LEADS },
  {
    has: 'fortnight fortnights hour hours day days week weeks',
    pattern: form(
      `(?:a |one |# )?fortnight(?! ago\\b)|${AMOUNT} (?:business |working )?(?:hours?|days?|weeks?|fortnights?)(?! (?:ago|old|each|back|apart|long|in|an?|per|left|of|late|out)\\b)`,
    ),
    day: span,
    needsLead: SPAN_LEADS,
  },
  { has: 'weekend', pattern: form('(?:the|this) weekend'), day: (_found, today) => fridayOf(today, 0) },
  { has: 'week', pattern: form('(?:this|next) week'), day: weekNamed },
  {
    has: NTH_WORDS,
    pattern: form(`(?:${BARE_NTH})`),
    day: (found, today) => nextDayOfMonth(today, dayNumberIn(found)),
    needsLead: /\b(?:by|before|until|till) $/,
  },
  {
    has: NTH_WORDS,
    pattern: form(
      `the ${NTH}(?! (?:thing|one|time|part|half|quarter|week|floor|draft|version|year|month|day|page|of|item|point|step|party)\\b)`,
    ),
    day: (found, today) => nextDayOfMonth(today, dayNumberIn(found)),
    needsLead: LEADS,
  },
];

function form(source: string): RegExp {
  return new RegExp(`(?<=^| )(?:${source})(?= |$)`, 'g');
}

/**
 * The due date a sentence names, in the way people mean it: "by Friday" is the next Friday, "end of next week"
 * its Friday, "a fortnight" 14 days, "end of the month" its last day.
 */
export function dueDate(words: readonly string[], today: CalendarDay): DueMatch | null {
  let forms = 0;
  for (const word of words) forms |= formsWith(word);
  if (forms === 0) return null;
  const text = words.join(' ');
  const found: Found[] = [];
  for (const [number, form] of FORMS.entries()) {
    if ((forms & (1 << number)) !== 0) addFound(found, form, text, today);
  }
  const [best] = found.sort((a, b) => b.rank - a.rank || a.from - b.from);
  return best?.due ?? null;
}

/** For each word the forms that need it, a bit each: most sentences have none, and few have two. */
const FORMS_BY_WORD = new Map<string, number>();
for (const [number, { has }] of FORMS.entries()) {
  for (const word of has.split(' ')) FORMS_BY_WORD.set(word, (FORMS_BY_WORD.get(word) ?? 0) | (1 << number));
}

function formsWith(word: string): number {
  const isNth = isDigit(word.charCodeAt(0)) && /(?:st|nd|rd|th)$/.test(word);
  return FORMS_BY_WORD.get(isNth ? NTH_IN_DIGITS : word) ?? 0;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** A date with the characters it takes, and how likely it is the deadline. */
interface Found {
  readonly from: number;
  readonly to: number;
  readonly rank: number;
  readonly due: DueMatch;
}

function addFound(
  found: Found[],
  { pattern, day, needsLead }: DateForm,
  text: string,
  today: CalendarDay,
): void {
  for (const match of text.matchAll(pattern)) {
    const [words] = match;
    const [from, to] = [match.index, match.index + words.length];
    const lead = text.slice(0, from);
    const isTaken = found.some((other) => from < other.to && other.from < to);
    if (isTaken || (needsLead !== undefined && !isLedBy(needsLead, lead, words))) continue;
    const start = wordsIn(lead);
    const due = { day: day(words, today, lead), start, end: start + wordsIn(`${words} `) };
    found.push({ from, to, due, rank: rankOf(due, lead) });
  }
}

/** A fortnight is always a span; "the third" is a date only where nothing follows that is counted. */
function isLedBy(leads: RegExp, lead: string, found: string): boolean {
  return found.endsWith('fortnight') || leads.test(lead.replace(/\bthe $/, ''));
}

function wordsIn(text: string): number {
  return text.split(' ').length - 1;
}

/** "by Friday" says more of a deadline than a day that is only mentioned. */
function rankOf({ day }: DueMatch, lead: string): number {
  if (day === null) return 0;
  if (/\b(?:by|before|within|until) (?:the )?$/.test(lead)) return 3;
  return /\b(?:since|from|last|after) (?:the )?$/.test(lead) ? 1 : 2;
}

function endOfPeriod(found: string, today: CalendarDay): CalendarDay {
  const isNext = /\b(?:next|following|coming)\b/.test(found);
  if (/\bweek\b|eow/.test(found)) return fridayOf(today, isNext ? 1 : 0);
  if (/\bmonth\b/.test(found)) return lastOfMonth(today, isNext ? 1 : 0);
  if (/\bquarter\b/.test(found)) return lastOfQuarter(today);
  return /\byear\b/.test(found) ? lastOfYear(today) : lastOfNamedMonth(today, monthIn(found));
}

function endOfDay(found: string, today: CalendarDay): CalendarDay {
  if (found.endsWith('tomorrow')) return plusDays(today, 1);
  if (new RegExp(`\\b${MONTH}\\b`).test(found)) return namedDate(found, today);
  return new RegExp(`\\b${WEEKDAY}$`).test(found) ? namedWeekday(found, today) : today;
}

/** "Wednesday the eleventh": the date decides. */
function exactWeekday(found: string, today: CalendarDay): CalendarDay {
  return new RegExp(`\\b${MONTH}\\b`).test(found)
    ? namedDate(found, today)
    : nextDayOfMonth(today, dayNumberIn(found));
}

/** The next day of this name; today's own name means the one in a week. */
function namedWeekday(found: string, today: CalendarDay): CalendarDay {
  const ahead = (weekdayIn(found) - weekdayOf(today) + 7) % 7;
  return plusDays(today, ahead === 0 ? 7 : ahead);
}

function weekdayOfNextWeek(found: string, today: CalendarDay): CalendarDay {
  return plusDays(mondayOf(today), 7 + ((weekdayIn(found) + 6) % 7));
}

function namedDate(found: string, today: CalendarDay): CalendarDay {
  return nextDate(today, monthIn(found), dayNumberIn(found));
}

function weekNamed(found: string, today: CalendarDay, lead: string): CalendarDay {
  const monday = plusDays(mondayOf(today), found.startsWith('next') ? 7 : 0);
  if (/\b(?:mid|middle)(?: of)? $/.test(lead)) return plusDays(monday, 2);
  const isEarly = /\b(?:early|start of|beginning of) $/.test(lead) && found.startsWith('next');
  return isEarly ? monday : plusDays(monday, 4);
}

function span(found: string, today: CalendarDay): CalendarDay {
  const amount = amountIn(found);
  if (/\b(?:business|working)\b/.test(found)) return plusBusinessDays(today, amount);
  if (/hours?$/.test(found)) return plusDays(today, Math.floor(amount / 24));
  if (/days?$/.test(found)) return plusDays(today, amount);
  return plusDays(today, amount * (/fortnights?$/.test(found) ? 14 : 7));
}

function amountIn(text: string): number {
  const digits = /\d+/.exec(text);
  if (digits !== null) return Number(digits[0]);
  if (text.includes('couple')) return 2;
  return Math.max(1, numberIn(text.split(' '), CARDINALS));
}

function dayNumberIn(text: string): number {
  const digits = /\d+/.exec(text);
  if (digits !== null) return Math.min(31, Math.max(1, Number(digits[0])));
  if (text.includes('thirtieth')) return 30;
  return Math.max(1, numberIn(text.split(' '), ORDINALS));
}

/** "twenty eight", "twenty eighth", "five": tens and units added up. */
function numberIn(words: readonly string[], units: readonly string[]): number {
  const tens = words.map((word) => TENS.indexOf(word) * 10).find((value) => value > 10) ?? 0;
  const unit = words.map((word) => units.indexOf(word)).find((value) => value > 0) ?? 0;
  return tens + unit;
}

function weekdayIn(text: string): number {
  return text
    .split(' ')
    .map((word) => WEEKDAYS.findIndex((name) => word.length >= 3 && name.startsWith(word)))
    .reduce((last, at) => (at >= 0 ? at : last), 0);
}

function monthIn(text: string): number {
  return text
    .split(' ')
    .map((word) =>
      MONTHS.findIndex((name) => word.length >= 3 && name.startsWith(word === 'sept' ? 'sep' : word)),
    )
    .reduce((last, at) => (at >= 0 ? at : last), 0);
}
