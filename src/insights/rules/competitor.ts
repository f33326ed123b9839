import type { Pattern } from '../text/pattern.js';

/** A product that customers may use or buy instead, or beside ours. */
export interface Competitor {
  readonly id: string;
  readonly name: string;
  /** Names in words, lower case. */
  readonly aliases: readonly (readonly string[])[];
  /** Whether the name is a common English word too. */
  readonly isAmbiguous: boolean;
  /** With `@` for the name: surely the product, or surely not. */
  readonly when: readonly Pattern[];
  readonly notWhen: readonly Pattern[];
}
