const TICK_MS = 5;

/** How often, and for how long. */
export interface Pace {
  readonly perSecond: number;
  readonly forMs: number;
}

/**
 * Does something so many times a second, however long each takes, as senders of webhooks do.
 * @param act gets its number, from 0.
 * @returns what all came to; fails when one failed.
 */
export async function steadily<T>(
  { perSecond, forMs }: Pace,
  act: (index: number) => Promise<T>,
): Promise<T[]> {
  const total = Math.round((perSecond * forMs) / 1000);
  const startedAt = performance.now();
  const acts: Promise<T>[] = [];
  while (acts.length < total) {
    const due = Math.min(total, Math.floor(((performance.now() - startedAt) * perSecond) / 1000) + 1);
    while (acts.length < due) acts.push(act(acts.length));
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
  return Promise.all(acts);
}
