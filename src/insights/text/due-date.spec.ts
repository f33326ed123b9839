import fc from 'fast-check';
import { isoDate, localDay } from './calendar.js';
import { dueDate } from './due-date.js';
import { sentencesOf } from './tokens.js';

/** A Wednesday. */
const today = localDay('2026-03-11T10:00:00-05:00', -300);

const dueOf = (text: string) => {
  const words = sentencesOf(text).flatMap((sentence) => sentence.words);
  const found = today === null ? null : dueDate(words, today);
  return found === null ? 'none' : found.day === null ? 'no date' : isoDate(found.day);
};

describe('dueDate, said on Wednesday 2026-03-11', () => {
  it.each([
    ['I will send it today', '2026-03-11'],
    ['you will have it by EOD', '2026-03-11'],
    ['by close of play', '2026-03-11'],
    ['this afternoon', '2026-03-11'],
    ['tomorrow morning', '2026-03-12'],
    ['by noon tomorrow', '2026-03-12'],
    ['the day after tomorrow', '2026-03-13'],
    ['within forty-eight hours', '2026-03-13'],
    ['by Friday', '2026-03-13'],
    ['on Wednesday', '2026-03-18'],
    ['next Friday', '2026-03-20'],
    ['Tuesday of next week', '2026-03-17'],
    ['a week on Friday', '2026-03-20'],
    ['by end of business Thursday', '2026-03-12'],
    ['by the end of the week', '2026-03-13'],
    ['by the end of next week', '2026-03-20'],
    ['early next week', '2026-03-16'],
    ['in the middle of next week', '2026-03-18'],
    ['in two weeks', '2026-03-25'],
    ['give me a fortnight', '2026-03-25'],
    ['within two business days', '2026-03-13'],
    ['within three business days', '2026-03-16'],
    ['in a couple of days', '2026-03-13'],
    ['by the end of the month', '2026-03-31'],
    ['by the end of the quarter', '2026-03-31'],
    ['by the end of April', '2026-04-30'],
    ['by the sixteenth', '2026-03-16'],
    ['before the 5th', '2026-04-05'],
    ['by the thirty-first', '2026-03-31'],
    ['by November twentieth', '2026-11-20'],
    ['on the second of April', '2026-04-02'],
    ['by 3 January', '2027-01-03'],
    ['by Tuesday, the March seventeenth one', '2026-03-17'],
    ['by Friday the twentieth', '2026-03-20'],
    ['every Tuesday until it is done', 'no date'],
    ['sometime in April', 'no date'],
    ['before the board meeting', 'none'],
    ['in the first meeting', 'none'],
    ['the second time it broke', 'none'],
    ['we may need more', 'none'],
    ['I sat there two hours', 'none'],
    ['two weeks ago', 'none'],
  ])('%s: %s', (text, expected) => {
    expect(dueOf(text)).toBe(expected);
  });

  it('is the local day of the place, not of the server', () => {
    expect(localDay('2026-03-11T23:30:00-08:00', -480)).toEqual(today);
    expect(localDay('2026-03-11T00:30:00+09:00', 540)).toEqual(today);
  });

  it('names only days that exist, whatever is said', () => {
    const words = fc.constantFrom(
      ...'by the end of next week month quarter friday tuesday 31st thirty first february in within two 99 hours days fortnight may on early mid day after tomorrow eod'.split(
        ' ',
      ),
    );
    fc.assert(
      fc.property(
        fc.array(words, { maxLength: 12 }),
        fc.integer({ min: 0, max: 40_000 }),
        (said, dayNumber) => {
          const found = dueDate(said, { dayNumber });
          if (found === null || found.day === null) return;
          expect(isoDate(found.day)).toMatch(/^\d{4}-\d\d-\d\d$/);
          expect(found.day.dayNumber).toBeGreaterThanOrEqual(dayNumber);
          expect(found.start).toBeLessThan(found.end);
          expect(found.end).toBeLessThanOrEqual(said.length);
        },
      ),
    );
  });
});
