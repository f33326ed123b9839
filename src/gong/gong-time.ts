/** Gong's times have an offset and up to microseconds; ours are UTC to the millisecond. Null for what is no time. */
export function instant(text: string | null): string | null {
  const time = Date.parse(text ?? '');
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}

/** The offset written in a time such as `2026-03-12T15:00:00-05:00`, in minutes. */
export function utcOffsetMinutes(text: string | null): number | null {
  if (text === null) return null;
  if (/Z$/i.test(text)) return 0;
  const [, sign, hours, minutes] = /([+-])(\d\d):?(\d\d)$/.exec(text) ?? [];
  return hours === undefined ? null : (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}
