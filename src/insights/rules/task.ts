import type { DueMatch } from '../text/due-date.js';
import type { Line } from './conversation-view.js';
import type { ActionCue } from './rule-set.js';

/** A task found in one line, before it is known whether the other side agrees. */
export interface Task {
  readonly lines: readonly Line[];
  readonly cueIds: readonly string[];
  readonly cue: ActionCue;
  readonly owner: string | null;
  readonly due: DueMatch | null;
  readonly score: number;
  /** Words that say what is to be done, to recognise the same task said again. */
  readonly content: ReadonlySet<string>;
}
