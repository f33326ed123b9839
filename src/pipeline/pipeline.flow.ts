/** The names of the stages an event goes through. */
export type StageName = 'land' | 'enrich' | 'analyse' | 'store' | 'notify';

interface FlowStep {
  readonly stage: StageName;
  /**
   * What a job that was interrupted later does about this stage: `skip` it, because its effect is durable,
   * or `repeat` it, because later stages need what it works out.
   */
  readonly onResume: 'skip' | 'repeat';
}

/** The order of the pipeline, stated once. README and history rows use the same words. */
export const PIPELINE_FLOW: readonly FlowStep[] = [
  { stage: 'land', onResume: 'skip' },
  { stage: 'enrich', onResume: 'repeat' },
  { stage: 'analyse', onResume: 'repeat' },
  { stage: 'store', onResume: 'skip' },
  { stage: 'notify', onResume: 'skip' },
];
