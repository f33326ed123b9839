/**
 * The names of the stages an event goes through. `review` is the language model's, on a queue of its own after all
 * others; without a model there is none.
 */
export type StageName = 'land' | 'enrich' | 'analyse' | 'store' | 'notify' | 'remember' | 'assign' | 'review';

export interface FlowStep {
  readonly stage: StageName;
  /**
   * What a job that comes back (after a crash, a retry, or to ask the vendor again) does about a stage that it
   * had finished: `skip` it, because its effect is durable; `repeat` it, because later stages need what it
   * works out; or `skip-if-same`: skip it unless the vendor has told us more since.
   */
  readonly onReturn: 'skip' | 'repeat' | 'skip-if-same';
  /** What was done until here is made durable, with a checkpoint. The last stage needs none: the job ends. */
  readonly commits?: true;
  /** Left out while the vendor has more to tell of the event: what is done here is not taken back. */
  readonly whenComplete?: true;
}

/** The order of the pipeline, stated once. README and history rows use the same words. */
export const PIPELINE_FLOW: readonly FlowStep[] = [
  { stage: 'land', onReturn: 'skip', commits: true },
  { stage: 'enrich', onReturn: 'repeat' },
  { stage: 'analyse', onReturn: 'repeat' },
  { stage: 'store', onReturn: 'skip-if-same', commits: true },
  { stage: 'notify', onReturn: 'skip-if-same' },
  { stage: 'remember', onReturn: 'skip-if-same' },
  { stage: 'assign', onReturn: 'skip-if-same', whenComplete: true },
];
