/** One figure that the seeds of this project name, and what was measured beside it. */
export interface Claim {
  readonly what: string;
  /** The seed's figure as it says it, e.g. `< 200 ms`. */
  readonly seed: string;
  /** NaN where it could not be measured; then `how` says why. */
  readonly measured: number;
  readonly unit: string;
  readonly target: { readonly below: number } | { readonly atLeast: number };
  /** How it was measured, and what else a reader must know. */
  readonly how: string;
}

export function isMet({ measured, target }: Claim): boolean {
  return 'below' in target ? measured < target.below : measured >= target.atLeast;
}
