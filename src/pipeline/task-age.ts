const MS_PER_DAY = 86_400_000;

/**
 * Whether a conversation is too old for tasks: a replay of last year's calls must not fill the CRM with work.
 * @param occurredAt ISO 8601; what has no time of its own is as old as its reception.
 */
export function isTooOld(occurredAt: string | null, receivedAt: string, maxAgeDays: number): boolean {
  const happened = Date.parse(occurredAt ?? receivedAt);
  return Date.now() - happened > maxAgeDays * MS_PER_DAY;
}
