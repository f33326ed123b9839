/** How much is sent. The full plan takes some minutes on two cores that do nothing else. */
export interface Plan {
  /** Events before anything is measured: V8 compiles what matters. */
  readonly warmUp: number;
  readonly sustainedSeconds: number;
  readonly steadySeconds: number;
  readonly crowdMs: number;
  /** Events that wait in the queue when its processing is measured. */
  readonly drained: number;
  readonly vendorSeconds: number;
  readonly splitSeconds: number;
  /** Events that are in the warehouse and in the seen-index already: the two ends of the comparison. */
  readonly behind: readonly [number, number];
  readonly drainedBehind: number;
}

const FULL: Plan = {
  warmUp: 1_500,
  sustainedSeconds: 30,
  steadySeconds: 20,
  crowdMs: 3_000,
  drained: 6_000,
  vendorSeconds: 20,
  splitSeconds: 10,
  behind: [10_000, 1_000_000],
  drainedBehind: 4_000,
};

const QUICK: Plan = {
  warmUp: 200,
  sustainedSeconds: 3,
  steadySeconds: 3,
  crowdMs: 1_000,
  drained: 400,
  vendorSeconds: 3,
  splitSeconds: 2,
  behind: [1_000, 20_000],
  drainedBehind: 300,
};

/** `SEEDS_EVENTS_BEHIND` replaces the larger number of events behind. */
export function planOf(isQuick: boolean): Plan {
  const plan = isQuick ? QUICK : FULL;
  const behind = Number(process.env.SEEDS_EVENTS_BEHIND ?? plan.behind[1]);
  return { ...plan, behind: [plan.behind[0], behind] };
}
