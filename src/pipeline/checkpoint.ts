import { createHash } from 'node:crypto';
import type { EnrichedRecord } from '../contracts/conversation.js';
import type { StageName } from './pipeline.flow.js';

/**
 * What is done for good of an event, kept as its job's progress. `content` names what the vendor had told us
 * when the stage was done: more of it may come later (a transcript), and is stored and told again.
 */
export interface Checkpoint {
  /** How often the vendor was asked again for what was missing; 0 at first. */
  readonly round: number;
  readonly done: Partial<Record<StageName, { readonly content: string }>>;
}

export const NOTHING_DONE: Checkpoint = { round: 0, done: {} };

/** The checkpoint in a job's progress; a job that was never started has none. */
export function checkpointIn(progress: unknown): Checkpoint {
  const { round = 0, done = {} } = Object(progress) as Partial<Checkpoint>;
  return { round, done };
}

/** The checkpoint with one more stage done. */
export function withDone(checkpoint: Checkpoint, stage: StageName, content: string): Checkpoint {
  return { ...checkpoint, done: { ...checkpoint.done, [stage]: { content } } };
}

/** Names what is known of an event: the same knowledge gives the same name, and more of it another. */
export function contentOf(record: EnrichedRecord | undefined): string {
  if (record === undefined) return '';
  const { enrichment, ...known } = record;
  return createHash('sha256')
    .update(JSON.stringify([known, enrichment.status]))
    .digest('base64url')
    .slice(0, 22);
}
