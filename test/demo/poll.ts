const POLL_INTERVAL_MS = 200;

/**
 * Asks again and again until the answer is true or the time is over.
 * @returns whether it became true in time; a question that throws counts as not yet.
 */
export async function becomesTrue(question: () => Promise<boolean>, deadlineMs: number): Promise<boolean> {
  const endsAt = performance.now() + deadlineMs;
  for (;;) {
    if (await question().catch(() => false)) return true;
    if (performance.now() >= endsAt) return false;
    await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL_MS));
  }
}
