export interface WaitOptions {
  readonly timeoutMs?: number;
  readonly intervalMs?: number;
}

const DEFAULT_TIMEOUT_MS = 20_000;
const DEFAULT_INTERVAL_MS = 50;

/**
 * Polls until the probe gives something truthy, and returns it.
 * @throws when the deadline passes; the message says what was awaited and what was seen last.
 */
export async function waitFor<T>(
  description: string,
  probe: () => Promise<T> | T,
  { timeoutMs = DEFAULT_TIMEOUT_MS, intervalMs = DEFAULT_INTERVAL_MS }: WaitOptions = {},
): Promise<Exclude<T, false | undefined | null | 0 | ''>> {
  const deadline = Date.now() + timeoutMs;
  let seen: unknown;
  for (;;) {
    try {
      const value = await probe();
      if (value) return value as Exclude<T, false | undefined | null | 0 | ''>;
      seen = value;
    } catch (error) {
      seen = error;
    }
    if (Date.now() >= deadline) {
      throw new Error(`waited ${timeoutMs} ms for ${description}; last seen: ${String(seen)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
}
