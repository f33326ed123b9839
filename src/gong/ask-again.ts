const FIRST_MS = 30_000;
const LONGEST_MS = 4 * 3_600_000;
const TOTAL_MS = 24 * 3_600_000;

/**
 * When to ask again for what Gong does not have yet. Calls come up to an hour after they end, transcripts up to a day
 * after; nothing is asked later than 24 hours after the first time.
 *
 * | round           | 0    | 1   | 2   | 3   | 4   | 5    | 6    | 7    | 8     | 9     | ... 12 | 13     | 14 |
 * | wait            | 30 s | 1 m | 2 m | 4 m | 8 m | 16 m | 32 m | 64 m | 128 m | 4 h   | 4 h    | 3.7 h  | no |
 * | after the first | 30 s | 90 s| 3.5m| 7.5m| 15 m| 31 m | 63 m | 2.1 h| 4.3 h | 8.3 h | 20.3 h | 24 h   |    |
 *
 * @param round 0 for the first answer.
 * @returns null when it has been asked for long enough.
 */
export function askAgainAfterMs(round: number): number | null {
  let elapsedMs = 0;
  for (let earlier = 0; earlier < round; earlier++) elapsedMs += plannedMs(earlier);
  const leftMs = TOTAL_MS - elapsedMs;
  return leftMs <= 0 ? null : Math.min(plannedMs(round), leftMs);
}

/**
 * Moves a wait forward to a moment that others wait for too, so that calls of which Gong is late are asked for
 * together: a request costs the same for one call as for a hundred. At most a quarter of the wait, and five minutes.
 */
export function meetingOthersMs(waitMs: number, nowMs: number): number {
  const gridMs = GRIDS_MS.find((candidate) => candidate <= waitMs / 4) ?? 0;
  return gridMs === 0 ? waitMs : waitMs - ((nowMs + waitMs) % gridMs);
}

const GRIDS_MS = [300_000, 60_000, 30_000, 15_000, 5_000];

function plannedMs(round: number): number {
  return Math.min(FIRST_MS * 2 ** Math.min(round, 40), LONGEST_MS);
}
